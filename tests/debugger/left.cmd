#
agent paul (Sales: 3) busy
arrive +33145550101
key 4711#
key 42#
break at 20s
break exit timeout
continue
advance 3s
continue
why
