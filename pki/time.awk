# Times in awk, whose mktime is not everywhere.

# Seconds have ten digits; by itself awk prints six of a number past 2^31.
BEGIN { OFMT = CONVFMT = "%.15g" }

# Seconds since 1970 of a date and a time in UTC (days by H. Hinnant's days_from_civil).
function epoch(year, month, day, hour, minute, second,    era, of_era, of_year) {
  # Numbers, not texts, of which "11" comes before "2".
  year += 0
  month += 0
  if (month <= 2) year--
  era = int(year / 400)
  of_era = year - era * 400
  of_year = int((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  day = era * 146097 + of_era * 365 + int(of_era / 4) - int(of_era / 100) + of_year - 719468
  return ((day * 24 + hour) * 60 + minute) * 60 + second
}

# Of YYMMDDHHMMSSZ, which means 1950 to 2049, or YYYYMMDDHHMMSSZ.
function epoch_of_stamp(stamp) {
  if (length(stamp) == 13) stamp = (substr(stamp, 1, 2) < 50 ? "20" : "19") stamp
  return epoch(substr(stamp, 1, 4), substr(stamp, 5, 2), substr(stamp, 7, 2), substr(stamp, 9, 2), substr(stamp, 11, 2),
    substr(stamp, 13, 2))
}

# Of "Nov 26 14:40:39 2026 GMT".
function epoch_of_words(words,    part, clock) {
  split(words, part, " ")
  split(part[3], clock, ":")
  return epoch(part[4], (index("JanFebMarAprMayJunJulAugSepOctNovDec", part[1]) + 2) / 3, part[2], clock[1], clock[2], clock[3])
}

# As boards and openssl write the same serial number: small letters, no zeros in front.
function plain_serial(serial) {
  serial = tolower(serial)
  sub(/^0+/, "", serial)
  return serial
}
