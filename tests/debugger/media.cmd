# media/media.gcx --test claimed
print media == claims and subject == "Damage"
break 11 if media == claims and pages == 3
break 12 if attached.goal == 8 or attached.queue != "houses"
print attached.queue
continue
print priority
print attached.queue == "houses"
print queue
print pages > 2 and attached.pages < 4
print pages != none and pages > 3
print attached.goal * 2
print wants == skill Claims
print attached.wants != none and attached.wants == skill Claims
print attached.select
print attached . select == "4711"
print attached	.select == "4711"
continue
quit
