# two/two.gcx
arrive 1
arrive 2 two
arrive 3
arrive 4 to 1800 two
arrive 4 to 1900 two
info interactions
export-test
quit
