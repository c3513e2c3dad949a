# The protocol's samples of commands, as they stand in services/protocol.
  .section .rodata
  .global commandSamples, commandSamplesEnd
commandSamples:
  .incbin "../services/protocol/vectors/commands.json"
commandSamplesEnd:
#ifdef __linux__
  .section .note.GNU-stack, "", %progbits
#endif
