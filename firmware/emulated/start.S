# Where the emulated chip begins, and where its exceptions lead; lx106.ld puts both where the lx106 looks for them.
  .section .exceptions, "ax"
top:
  .word stackTop
toTrapped:
  .word trapped
  .org 0x30
  j trap
  .org 0x50
  j trap
  .org 0x70
  j trap
trap:
  l32r a1, top
  rsr.exccause a2
  rsr.epc1 a3
  rsr.excvaddr a4
  l32r a0, toTrapped
  jx a0

  .section .reset, "ax"
  .global begin
begin:
  j go
  .align 4
stack:
  .word stackTop
toMain:
  .word main
go:
  # Leaves the state after a reset, in which the first exception counts as a second one; no interrupts.
  movi a2, 15
  wsr.ps a2
  rsync
  l32r a1, stack
  l32r a0, toMain
  jx a0
