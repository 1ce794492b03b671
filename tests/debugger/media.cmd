# media/media.gcx --test claimed
print media == claims and subject == "Damage"
break 5 if media == claims
continue
print priority
quit
