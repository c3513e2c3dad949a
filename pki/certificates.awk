# Reads `openssl … -text` of certificates; prints of each: serial number, begin, end.
/^ *Serial Number:/ {
  serial = $0
  sub(/^ *Serial Number: */, "", serial)
  # A short one stands on the same line as "1 (0x1)".
  if (serial == "") getline serial
  else sub(/^.*\(0x|\)$/, "", serial)
  gsub(/[^0-9A-Fa-f]/, "", serial)
}
/^ *Not Before: / { sub(/^ *Not Before: /, ""); begin = epoch_of_words($0) }
/^ *Not After : / { sub(/^ *Not After : /, ""); print plain_serial(serial), begin, epoch_of_words($0) }
