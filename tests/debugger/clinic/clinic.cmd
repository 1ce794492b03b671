# More puzzles of an author, as in puzzles/desk.cmd. Where one begins with restart, that stands for a new gcxdb.
#? What did the query find for the second caller?
tbreak 24 if ani == "+33145550102"
continue
print patient
#= Patient(name: "Durand", tier: "gold", visits: 1)
#? Whom would marie get if the query of the third caller had found a gold patient?
restart
tbreak 24 if ani == "+33145550103"
continue
set patient = Patient(name: "Dubois", tier: "gold", visits: 9)
at 31s
#=     30.000s tserver  EventRinging ixn=1-000000000003 conn=001069a551900003 dn=7001 change=Ringing role=agent agent=marie other_dn=+33145550103
#? And whom did she get as it was played?
unset
at 31s
#=     30.000s tserver  EventRinging ixn=1-000000000002 conn=001069a551900002 dn=7001 change=Ringing role=agent agent=marie other_dn=+33145550102
#? When was the database asked, and what came of it?
timeline source
#=     10.000s source   EventError ixn=1-000000000003 ref=3 conn=001069a551900003 outcome=error code=unavailable text="as the test says"
#? Which steps failed in the whole play, and where?
continue
timeline fails
#=     55.000s strategy clinic.gcx:27: select fails: timeout
#? How many rounds of music did the third caller hear?
restart
break 28 if ani == "+33145550103"
ignore $ 100
continue
info breakpoints
#=   3  clinic.gcx:28 if ani == "+33145550103", passed over 95 more times, met 5 times
#? Why did paul not get the second caller at 25 s?
delete
at 25s
why not paul
#=       paul: Care 3, needs at least 5; ringing
#? In what order do they wait at 29 s, and with what priority?
at 29s
why
#=   interaction 2 is number 1 of 2 in vq ward, priority 21:
#? How long has the longest waited then?
info queues
#=   vq ward: 2 wait, the longest 21 s; 3 entered
#? What has the second caller attached then?
interaction 2
info data
#= patient = Patient(name: "Durand", tier: "gold", visits: 1)
#? And for how long has that caller been here?
print waited
#= 24s
#? Until when does the third caller wait at most?
interaction 3
info place
#=   interaction 3 is number 2 of 2 in vq ward since 10.000s, waits until 55.000s; priority 0
#? What did marie do until then?
timeline marie
#=      4.000s core       marie: not ready; line 27: matches
#? What does the library's text_trim do with the number?
restart
tbreak text_trim
continue
list
#= > 53       let from = 0;
#? What are the ends of the text when it is done?
tbreak text.gcx:63
continue
info locals
#= to = 3
#? Who asked for it?
where
#=   #1  find at clinic.gcx:11
#? Which priority comes out where a gold patient is ranked?
tbreak rank_of if p.tier == "gold"
continue
finish
print priority
#= 21
#? Where would the third caller end who may wait for two minutes?
restart
tbreak 27 if ani == "+33145550103"
continue
set patience = 2m
at 3m
#=    130.000s strategy clinic.gcx:27: select fails: timeout
#? How many calls were counted up to 9 s?
unset
at 9s
print calls
#= 3
#? Is it open then, and until when?
print hours.open()
print hours.closes()
#= 2026-03-02T17:00:00Z
#? Which way has the third caller gone?
tbreak 32
continue
graph
#=     10.000s   let found = query patients first Patient `select name, tier, visits from patient where number = {cle  -> unavailable
#? What happened just before that?
timeline 1
#=     55.000s strategy clinic.gcx:27: select fails: timeout
#? Which line needs whom, and is the patient perhaps missing?
print patient == none
#= true
