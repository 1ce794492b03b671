#
agent paul in group help ready
arrive +33145550101
advance 3s
key 4711#
break 26
key 42
next
advance 1s
print total
advance 5500ms
agent marie (Sales: 7) ready
info interactions
reverse-continue
print score
continue
continue
export-test exported, sold
quit
