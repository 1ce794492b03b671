#
arrive +33145550101 to 1801
advance 100s
arrive +33145550102
key 4711
fails no_input
advance 2s
hang up
export-test exported
timeline 3
continue
