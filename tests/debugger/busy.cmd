#
agent paul (Sales: 3) in group help ready
arrive +33145550101
key 4711#
key 42#
break shop.gcx:30
continue
why
why not paul
info candidates
info place
continue
info place
why
