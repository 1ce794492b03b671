# --test sold
steppp
re
print
print 1 +
print nobody
print ivr.digits(prompt hold, min: 1, max: 1)
break 999
break nowhere
break step nowhere
break event EventRingin
break event nosuch
break other.gcx:3
watch a.b
delete 4
info
info nothing
arrive +331
advance 1s
step -1
until x
finish
up
disassemble
backtrace
help until
tbreak 26
continue
print endless(3)
print position
print total
print 1 / (score - 10)
print [0, 1][score]
print score / 0
break 27 if score
break 27 if nobody == 1
break 27 if total >
break 27 if total == 11 and code == "42"
break greet if name.count > score and nam == "Marie"
break exit if nothing == 2
watch score if scor > 3
break key account == 4711
break event EventRinging if ani == "1"
break 27 if score != none and score / (total - total) == 1
continue
down
step 1000
step
print priority + 1
