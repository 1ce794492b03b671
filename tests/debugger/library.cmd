# library/library.gcx --test trims
print lost(vq sales)
break text_trim
continue
where
list
next 3
print to + from + "to {to}".count
break text.gcx:61 if to > 1
continue
up
list text_repeat
list text.gcx:20
list nowhere
print lost(vq sales)
print text_repeat("x", 3)
