# Prints the inventory as one line of JSON from what inventory.sh has gathered. Texts are escaped already.
function text(value) { return "\"" value "\"" }
function ms(seconds) { return sprintf("%.0f", seconds * 1000) }
$1 == "certificate" {
  line = "{\"kind\":" text($2) ",\"name\":" $3
  if ($4 != "-") line = line ",\"id\":" text($4)
  line = line ",\"serial\":" text($5) ",\"notBefore\":" ms($6) ",\"notAfter\":" ms($7)
  line = line ",\"renewAt\":" ms($6 + int(($7 - $6) * 2 / 3)) ",\"issuer\":" ($8 == "-" ? "null" : text($8)) ",\"state\":" text($9)
  if ($10 != "-") line = line ",\"revokedAt\":" ms($10)
  if ($11 != "-") line = line ",\"inUse\":" ($11 == "yes" ? "true" : "false")
  certificates = certificates (certificates == "" ? "" : ",") line "}"
}
$1 == "crl" {
  line = "{\"name\":" text($2) ",\"thisUpdate\":" ms($3) ",\"nextUpdate\":" ms($4) ",\"entries\":" $5 "}"
  crls = crls (crls == "" ? "" : ",") line
}
END {
  while ((getline line < revoked) > 0) {
    split(line, part, " ")
    out = out (out == "" ? "" : ",") "{\"id\":" text(part[1]) ",\"at\":" ms(part[2]) "}"
  }
  printf "{\"at\":%s,\"certificates\":[%s],\"crls\":[%s],\"revoked\":[%s],\"rootKey\":%s,\"rotation\":%s,\"trust\":%s,\"faults\":[]}\n",
    ms(now), certificates, crls, out, text(root_key), rotation, trust
}
