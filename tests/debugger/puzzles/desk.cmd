# Puzzles of an author. `#? ` begins one, `#= ` is the line that answers it; between them stand its commands, four at most.
#? Why did the third caller go to voice mail?
break 21 if ani == "+33145550103"
continue
print calls > limit
#= true
#? When does the counter exceed the limit?
delete
restart
break 13 if calls > limit
continue
#= [3] desk_calls at desk.gcx:13
#? What would be her rank if she were gold?
print weight(Customer(name: "Dupont", gold: true))
#= 20
#? Is it open at that moment, and until when?
print hours.open()
print hours.closes()
#= 2024-01-01T17:00:00Z
#? What time is it at that moment?
print now
#= 2024-01-01T10:00:40Z
#? Who waits after half a minute, and where?
delete
at 30s
info interactions
#=     waits at select at desk.gcx:22
#? Why is nobody free for the first caller then?
why
#=       marie: Sales 3, needs at least 5
#? Why not Paul?
why not paul
#=       paul: matches; not ready
#? How many wait in the queue then?
print vq sales.waiting
#= 2
#? What place has the first caller then?
info queues
#=   interaction 1 is number 2 of 2 in vq sales
#? How many calls were counted until then?
print calls
#= 2
#? How long does it wait for somebody at most?
info data
#= patience = 1m30s
#? What comes next by itself, and when?
info timers
#=   93.000s  step of interaction 1
#? When has the place of a caller changed?
when place
#=     23.000s before desk.gcx:23: place was 1, is 2
#? Why did the first caller go to voice mail?
delete
break exit timeout
continue
why
#= It waits for nobody any more: select at desk.gcx:22 was left by timeout at 93.000s. From 3.000s on it waited for:
#? Which way has it gone?
graph
#=      3.000s let who = select in vq sales skill Sales >= 5 timeout patience  -> timeout
#? Where does the rank of a caller come from?
restart
break key rank
continue
#= Breakpoint 4: rank was none, is 2
#? What is the value of points in the function?
delete
break 6
continue
print points
#= 10
#? Does a script find that a rank is wrong?
expect points == 10
#= points == 10: this holds.
#? When does Paul become ready?
delete
break agent paul ready
continue
#= Breakpoint 6: agent paul was logged_in, is ready
#? Where does everything begin?
restart
list
#=   12       count calls;
#? What if the first caller had a rank of 20?
tbreak 18 if ani == "+33145550101"
continue
set rank = 20
next
#= > 19           priority = 5;
