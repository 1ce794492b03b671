# units/units.gcx --test said
break step ivr.music
continue
disassemble
info data
continue
timeline changed
timeline nobody
interaction 2
interaction 1
interaction two
