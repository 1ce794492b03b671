#
arrive +33145550101 to 1801
advance 100s
arrive +33145550102
key 4711
query fails no_input
advance 2s
hang up
export-test exported: a "caller" leaves {early}
timeline 3
continue
