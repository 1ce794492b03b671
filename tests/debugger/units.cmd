# units/units.gcx --test said
break step ivr.music
break 32
continue
set tier = Tier.gold
set who = skill First
set waits = [1s, 2s, 3s]
set steps = ["z": 9s, "first": 8s]
set wish.day = none
set wish.wait = 2m
set wish = Wish(wait: wish.wait * 2, share: wish.share, day: 2026-03-03, note: "more")
set count_us = 3
set quota = 50%
set opens = 09:15
set since = since + 1h
info set
print waits
print steps
print wish
print tier == Tier.gold and who == skill First
continue
disassemble
info data
unset wish.wait
info data
unset
info data
delete
continue
timeline changed
timeline nobody
interaction 2
interaction 1
interaction two
export-test said so
