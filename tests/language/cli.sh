#!/bin/sh
# What gcxc does with its command line and its files: exit status, what it writes, what it says.
. "$(dirname "$0")/common.sh"
first_site "$work"
cd "$work" || exit 1
passed=0

# expect STATUS TEXT COMMAND...: it ends with that status and says that text (a basic regular expression; '': nothing).
expect() {
    status=$1 text=$2
    shift 2
    "$@" > "$work/said" 2>&1
    found=$?
    if [ -n "$text" ]; then grep -q -e "$text" "$work/said"; else [ ! -s "$work/said" ]; fi
    if [ $? -eq 0 ] && [ $found -eq "$status" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $*: status $found, expected $status and '$text'"
        head -20 "$work/said"
    fi
}

expect 0 '^usage: gcxc' "$gcxc" --help
expect 0 '^usage: gcxc' "$gcxc" build --help
expect 0 '^usage: gcxc COMMAND' "$gcxc" help
expect 0 '^usage: gcxc build' "$gcxc" help build
expect 2 "no command 'biuld'; did you mean 'build'?" "$gcxc" help biuld
expect 2 "help takes one command" "$gcxc" help build test
"$gcxc" build --help | grep -q "graph's" && { failed=$((failed + 1)); echo "FAILED: build's help tells of graph"; }
expect 0 "goes: build's image$" "$gcxc" build --help
expect 0 '^gcxc [0-9]' "$gcxc" --version
expect 2 '^usage: gcxc' "$gcxc"
expect 2 "no command 'frob'; see" "$gcxc" frob
expect 2 "no command 'chek'; did you mean 'check'?$" "$gcxc" chek
expect 1 'could not be written' sh -c "'$gcxc' --help >/dev/full"
expect 1 'could not be written' sh -c "'$gcxc' graph enterprise.gcx >/dev/full"
expect 2 'no file' "$gcxc" check
expect 2 "^gcxc: --output does not go with 'check'; see gcxc check --help$" "$gcxc" check -o x enterprise.gcx
expect 2 "^gcxc: --seed takes a number, not 'many'; see gcxc test --help$" "$gcxc" test --seed many tests.gcx
expect 2 'needs -o' "$gcxc" build enterprise.gcx
expect 2 'frob' "$gcxc" check --frob enterprise.gcx

# Under GCX_INSIDE nothing is read outside of that folder: by an absolute path, by "..", through a link, as a site above.
mkdir -p in/deep && mv site.gcx site.kept
echo 'localhost:5432:gcx:gcx:TopSecret1' >secret
echo 'site { TopSecret1 }' >site.gcx
ln -s "$work/secret" in/linked
ln -s "$work/site.gcx" in/moved.gcx
for path in "$work/secret" ../secret linked deep/../../secret; do
    for text in "source crm schema \"$path\";" "table rows from \"$path\" { key k: str }"; do
        echo "site { skill Billing; $text }" >in/site.gcx
        expect 1 "^site.gcx:1:.* error: .*the path leads out of the site's folder" env GCX_INSIDE=. sh -c "cd in && '$gcxc' check site.gcx"
        if grep -q TopSecret1 said; then failed=$((failed + 1)) && echo "FAILED: $text is read"; fi
    done
done
rm in/site.gcx
expect 1 "the path leads out of the site's folder" env GCX_INSIDE="$work/in" "$gcxc" check "$work/secret"
expect 1 "the path leads out of the site's folder" env GCX_INSIDE="$work/in" "$gcxc" fmt "$work/site.gcx"
printf 'import moved;\n' >in/one.gcx
expect 1 "the path leads out of the site's folder" env GCX_INSIDE="$work/in" "$gcxc" check in/one.gcx
printf 'strategy one on voice {\n    stop "end";\n}\n' >in/one.gcx
expect 1 'TopSecret1' "$gcxc" check in/one.gcx
expect 0 '' env GCX_INSIDE="$work/in" "$gcxc" check in/one.gcx
cat secret secret >times
for path in "$work/times" in/../times; do
    for option in "--handling=file($path)" "--patience=file($path)" "--arrivals=file($path)" "--directory=$path" "--records=jsonl:$path" \
        "--records=sqlite:$path" "--site-conf=$path"; do
        GCX_INSIDE="$work/in" "$gcxc" simulate --agents=1 --arrivals=1/h "$option" in/one.gcx >said 2>&1 && failed=$((failed + 1)) && echo "FAILED: $option is taken"
        if grep -q TopSecret1 said; then failed=$((failed + 1)) && echo "FAILED: $option is read" && cat said; fi
    done
done
rm -r in secret times && mv site.kept site.gcx

# The README's site, and one that is broken: in its gcxvm.conf, or in its directory.
printf 'directory = "directory.sql"\nstrategies = {"enterprise.gcxb"}\nadapter tserver { switch = "127.0.0.1:7000" }\n' >gcxvm.conf
expect 0 '^[1-9].* 0 failed$' "$gcxc" test --site-conf gcxvm.conf tests.gcx enterprise.gcx
sed "s/'enterprise'/'shop'/" directory.sql >moved.sql && sed 's/directory.sql/moved.sql/' gcxvm.conf >moved.conf
expect 1 'tests.gcx:11: moved.sql: the routing point 1800 starts shop, and not enterprise' "$gcxc" test --site-conf moved.conf tests.gcx enterprise.gcx
sed 's/^adapter/adaptor/' gcxvm.conf >wrong.conf
expect 1 '^gcxc: wrong.conf:3: unknown setting `adaptor`; expected' "$gcxc" test --site-conf wrong.conf tests.gcx enterprise.gcx
arrivals="$gcxc simulate --arrivals enterprise@1800=60/h --agents 20 --for 1h --replications 1 --handling 60s"
expect 0 'calls' $arrivals --site-conf gcxvm.conf enterprise.gcx
expect 1 '^gcxc: moved.sql: the routing point 1800 starts shop, and not enterprise' $arrivals --site-conf moved.conf enterprise.gcx
echo 'create table routing_point (dn text' >moved.sql
expect 1 '^gcxc: .*moved.sql: incomplete input$' "$gcxc" test --site-conf moved.conf tests.gcx enterprise.gcx
expect 1 '^gcxc: none.conf: ' "$gcxc" test --site-conf none.conf tests.gcx enterprise.gcx
sed '$a adapter webhook { network = "none.json" }' gcxvm.conf >moved.conf
expect 0 "^gcxc: none.json: this network's file is not read: texts are held to no limit of it" "$gcxc" test --site-conf moved.conf tests.gcx enterprise.gcx

# A simulation is held to the length of texts, too: its site's network allows 10 characters, others 4000.
mkdir posts && cat >posts/posts.gcx <<'END'
site { default timeout 10m; skill Sales; vq posts; queue desk; }
strategy posted on social { social.reply("12345678901"); route queue desk; }
END
cat >posts/posts.sql <<'END'
create table queue (name text); create table routing_point (dn text, strategy text);
insert into queue values ('desk'); insert into routing_point values ('posts', 'posted');
END
echo '{"limits": {"text": 10}}' >posts/net.json
printf 'directory = "posts.sql"\nstrategies = {"x.gcxb"}\nadapter webhook { network = "net.json" }\n' >posts/gcxvm.conf
posts="$gcxc simulate --site posts/posts.gcx --arrivals posted=60/h --for 1h --replications 1 --handling 60s"
expect 0 'failed steps  *0.0' $posts --agents '1' posts/posts.gcx
expect 0 'failed steps  *[1-9]' $posts --agents '1' --site-conf posts/gcxvm.conf posts/posts.gcx

# A medium of the site's own comes by the adapter that names it.
cat >posts/boxes.gcx <<'END'
site { queue desk; medium parcel = 1; }
strategy boxes on parcel { route queue desk; }
test "a box" { parcel boxes from "web" to "boxes"; expect routed to queue desk; }
END
sed 's/posted/boxes/; s/posts/boxes/' posts/posts.sql >posts/boxes.sql
printf 'directory = "boxes.sql"\nstrategies = {"x.gcxb"}\nadapter work { media = "parcel" }\n' >posts/boxes.conf
expect 0 '1 passed' "$gcxc" test --site posts/boxes.gcx --site-conf posts/boxes.conf posts/boxes.gcx
sed -i 's/"parcel"/"fax"/' posts/boxes.conf
expect 1 'no adapter there brings parcel; add `adapter work' "$gcxc" test --site posts/boxes.gcx --site-conf posts/boxes.conf posts/boxes.gcx

# An agent of a test has each medium; of a site, those that its adapters offer to agents.
cat >posts/asked.gcx <<'END'
site { default timeout 10m; skill Sales; vq posts; medium parcel = 1; }
strategy asked on sms, chat { connect in vq posts { skill Sales >= 1; } timeout 1m else stop "nobody"; stop "answered"; }
strategy fetched on parcel { connect in vq posts { skill Sales >= 1; } timeout 1m else stop "nobody"; stop "fetched"; }
test "a text" { agent ann (Sales: 5) ready; sms asked from "+4477" to "desk"; expect routed to agent ann; }
test "a chat" { agent ann (Sales: 5) ready; chat asked from "c" to "desk"; expect routed to agent ann; }
test "a box" { agent ann (Sales: 5) ready; parcel fetched from "c" to "boxes"; expect routed to agent ann; }
END
printf "create table queue (name text); create table routing_point (dn text, strategy text); insert into routing_point values ('desk', 'asked'), ('boxes', 'fetched');" >posts/asked.sql
printf 'directory = "asked.sql"\nstrategies = {"x.gcxb"}\nadapter sms { }\nadapter chat { }\nadapter work { media = "parcel" }\n' >posts/asked.conf
asked="$gcxc test --site posts/asked.gcx --site-conf posts/asked.conf posts/asked.gcx"
expect 1 'asked.gcx:4: .*no adapter there offers sms to agents; add `adapter desk' $asked
expect 1 '^gcxc: posts/asked.conf: no adapter there offers chat to agents' "$gcxc" simulate --site posts/asked.gcx --arrivals asked=60/h \
    --agents '1 (Sales: 5)' --for 1h --replications 1 --handling 60s --site-conf posts/asked.conf posts/asked.gcx
expect 1 '^0 passed, 3 failed$' $asked
echo 'adapter desk { }' >>posts/asked.conf
expect 1 '^1 passed, 2 failed$' $asked
sed -i 's/^adapter desk.*/adapter desk { media = "sms, parcel" }/' posts/asked.conf
expect 1 'asked.gcx:5: .*no adapter there offers chat to agents' $asked
expect 1 '^2 passed, 1 failed$' $asked
sed -i 's/^adapter desk.*/adapter desk { remote = true }/' posts/asked.conf
expect 0 '^3 passed, 0 failed$' $asked
# Agents of a messenger have its conversations there, whatever the desk has.
cat >posts/instant.gcx <<'END'
strategy instant on im { connect in vq posts { skill Sales >= 1; } timeout 1m else stop "nobody"; stop "answered"; }
test "an instant message" { agent ann (Sales: 5) ready; im instant from "c@there" to "instant"; expect routed to agent ann; }
END
echo "insert into routing_point values ('instant', 'instant');" >>posts/asked.sql
instant="$gcxc test --filter instant --site posts/asked.gcx --site-conf posts/instant.conf posts/instant.gcx"
sed 's/^adapter desk.*/adapter desk { }/' posts/asked.conf >posts/instant.conf
expect 1 'no adapter there brings im; ' $instant
echo 'adapter im { }' >>posts/instant.conf
expect 0 '^1 passed, 0 failed$' $instant
for wrong in 'answers = "0"' 'answers = "many"' 'country = "XX"'; do # as the adapter itself would refuse it
    printf 'directory = "asked.sql"\nstrategies = {"x.gcxb"}\nadapter sms { %s }\n' "$wrong" >posts/wrong.conf
    expect 1 "^gcxc: posts/wrong.conf: adapter \`sms\`: ${wrong%% *}: " "$gcxc" test --site posts/asked.gcx --site-conf posts/wrong.conf posts/asked.gcx
done

# Of several adapters a test is held to the one of the queue or number, and to what its settings let it do.
held="$gcxc test --site posts/posts.gcx --site-conf posts/gcxvm.conf posts/posts.gcx"
cat >posts/test.gcx <<'END'
import posts;
test "the network's limit" { social posted from "us" to "posts"; expect never routed to queue desk; }
test "another network" { social posted from "us" to "free"; expect routed to queue desk; }
END
sed -i "s/('posts', 'posted')/&, ('free', 'posted')/; s/('desk')/&, ('posts'), ('free')/" posts/posts.sql
echo '{"limits": {"text": 20}}' >posts/net20.json
sed -i '$a adapter other { plugin = "webhook" network = "net20.json" queue = "free" }' posts/gcxvm.conf
sed -i 's/^adapter webhook { /&queue = "posts" /' posts/gcxvm.conf
expect 0 '^2 passed, 0 failed$' $held posts/test.gcx
# So is a network's time for answers, from the customer's last message on.
cat >posts/late.gcx <<'END'
strategy late on social { social.reply("1"); delay(8s); social.reply("2"); route queue desk; }
test "it was over" { social late from "us" to "late"; expect never routed to queue desk; }
test "the customer wrote again" { social late from "us" to "late" { after 5s: customer writes "Still there?"; } expect routed to queue desk; }
test "another network" { social late from "us" to "later"; expect routed to queue desk; }
END
echo "insert into queue values ('late'), ('later'); insert into routing_point values ('late', 'late'), ('later', 'late');" >>posts/posts.sql
echo '{"limits": {"window_s": 5}}' >posts/net5.json
sed -i '$a adapter late { plugin = "webhook" network = "net5.json" queue = "late" }\nadapter later { plugin = "webhook" network = "net5.json" queue = "later" templates = "Late" }' posts/gcxvm.conf
expect 0 '^3 passed, 0 failed$' $held posts/late.gcx
cat >posts/text.gcx <<'END'
strategy texted on sms { sms.send("12345678901"); route queue desk; }
test "a provider by HTTP has its network's limit" { sms texted from "+331" to "texts"; expect never routed to queue desk; }
test "and no other" { sms texted from "+331" to "more"; expect routed to queue desk; }
END
echo "insert into queue values ('texts'), ('more'); insert into routing_point values ('texts', 'texted'), ('more', 'texted');" >>posts/posts.sql
sed -i '$a adapter sms { network = "net.json" numbers = "+3310 = texts" }\nadapter smpp { plugin = "sms" numbers = "+3311=more" }' posts/gcxvm.conf
expect 0 '^2 passed, 0 failed$' $held posts/text.gcx
cat >posts/call.gcx <<'END'
strategy taped on voice { recording.start() else {}; route queue desk; }
test "taped" { call taped from "+331" to "1800"; expect routed to queue desk; }
END
echo "insert into routing_point values ('1800', 'taped'), ('1900', 'taped');" >>posts/posts.sql
sed -i '$a adapter tserver { switch = "127.0.0.1:7000" }\nadapter sip { numbers = "1800" }' posts/gcxvm.conf
expect 1 'adapter sip, which has the call, has no `recording`' $held posts/call.gcx
# A simulation is held to the same: what the adapter of the call cannot do ends it, and so do queues that are not there.
days="$gcxc simulate --site posts/posts.gcx --site-conf posts/gcxvm.conf --agents 1 --for 1h --replications 1 --handling 60s"
expect 1 '^gcxc: posts/gcxvm.conf: adapter sip, which has the call, has no `recording`' $days --arrivals taped@1800=60/h posts/posts.gcx posts/call.gcx
expect 0 'failed steps' $days --arrivals taped@1900=60/h posts/posts.gcx posts/call.gcx
sed -i.kept "s/('desk')/('desks')/" posts/posts.sql
expect 1 '^gcxc: posts/posts.sql: there is no queue desk; add a row to queue' $days --arrivals taped@1900=60/h posts/posts.gcx posts/call.gcx
mv posts/posts.sql.kept posts/posts.sql
sed -i 's/1800"; expect/1900"; expect/' posts/call.gcx
expect 0 '^1 passed, 0 failed$' $held posts/call.gcx
sed -i '/^adapter tserver/d' posts/gcxvm.conf
expect 1 'adapter sip brings no voice to 1900; add it to its `numbers`' $held posts/call.gcx
expect 1 'has `recording`, .*; add `adapter sip { recordings = ... }` or `adapter tserver { ... }`' $held posts/call.gcx
sed -i 's/ numbers = "1800"/ numbers = "1800, 1801, 1802, 1803, 1806, 1807, 0800=1900"/' posts/gcxvm.conf
sed -i 's/^adapter sip {/& recordings = "tapes"/' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/call.gcx
sed -i 's/recording.start()/ivr.say("Hello.")/; s/1900"; expect/1800"; expect/' posts/call.gcx
sed -i 's/^adapter sip {/& prompts = "sounds"/' posts/gcxvm.conf
expect 1 'adapter sip, which has the call, does no ivr.say: set its `tts`' $held posts/call.gcx
sed -i 's/^adapter sip {/& tts = "speak"/' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/call.gcx
sed -i 's/ prompts = "sounds"//' posts/gcxvm.conf
sed 's/ivr.say("Hello.")/ivr.choose("Which?", [1, 2])/; s/{ call/{ ivr.choose("Which?") -> "1"; call/' posts/call.gcx >posts/choice.gcx
expect 1 'adapter sip, which has the call, does no ivr.play: set its `prompts`' $held posts/choice.gcx
sed -i 's/^adapter sip {/& prompts = "sounds"/' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/choice.gcx
mkdir sounds
expect 1 'does no ivr.choose: it says values, and there is no piece of them such as say_1.wav in its `prompts`' $held posts/choice.gcx
mkdir sounds/de; : >sounds/de/say_1.wav
expect 0 '^1 passed, 0 failed$' $held posts/choice.gcx
rm -r sounds
cat >posts/dial.gcx <<'END'
strategy taped on voice { select in vq posts { skill Sales >= 1; } busy { callback.keep_place(number: "+331") else {}; } timeout 1m else {}; route queue desk; }
test "its place is kept" { call taped from "+331" to "1800"; }
END
expect 1 'adapter sip, which has the call, has no `dial`' $held posts/dial.gcx
sed -i 's/^adapter sip {/& outbound = "127.0.0.1:5060" dialable = "+33*, +331"/' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/dial.gcx
# Also where nobody is ever free, so that it is not dialled.
sed -i 's/"+331") else/"+4712345678") else/; s/} timeout 1m else {}/} timeout 1m else stop "nobody"/' posts/dial.gcx
expect 1 'adapter sip may not dial +4712345678' $held posts/dial.gcx
# What no adapter brings never comes, unless agents or strategies lead it to the queue.
cat >posts/led.gcx <<'END'
strategy kept on email, sms { attached { outcome: str } attach outcome = "kept"; route queue shelf; }
strategy taken on email { attached { outcome: str } attach outcome = "taken"; stop "taken"; }
test "a mail" { email taken from "a@b.example" to "shelf" subject "x"; expect outcome == "taken"; }
test "an address" { email kept from "a@b.example" to "us@b.example" subject "x"; expect outcome == "kept"; }
test "a text" { sms kept from "+331" to "kept"; expect outcome == "kept"; }
END
mkdir led; cat >led/site.gcx <<'END'
site { default timeout 10m; queue shelf, kept, other; }
END
cat >led/led.sql <<'END'
create table queue (name text, dn text); create table routing_point (dn text, strategy text);
insert into queue values ('shelf', '7'), ('kept', '8'), ('other', '9'); insert into routing_point values ('7', 'taken'), ('8', 'kept');
END
led="$gcxc test --site led/site.gcx --site-conf led/gcxvm.conf posts/led.gcx"
site_led() { printf 'directory = "led.sql"\nstrategies = {"x.gcxb"}\nadapter email { %s }\nadapter sms { %s }\n%s\n' "$1" "$2" "${3-}" >led/gcxvm.conf; }
site_led 'addresses = "us@b.example=kept"' 'numbers = "+33=kept"'
expect 0 '^3 passed, 0 failed$' $led
sed -i 's/route queue shelf/route queue other/' posts/led.gcx
expect 1 'adapter email brings no email to 7; add it to its `addresses`' $led
expect 1 '^2 passed, 1 failed$' $led
site_led 'addresses = "us@b.example=kept"' 'numbers = "+33=kept"' 'adapter desk { queues = "other, shelf" }'
expect 0 '^3 passed, 0 failed$' $led
site_led 'addresses = "us@b.example=8, us@c.example=7"' 'numbers = "+33=other" sessions = "+33:kept"'
expect 0 '^3 passed, 0 failed$' $led
site_led 'addresses = "us@b.example=8, us@c.example=7"' 'numbers = "+33=other"'
expect 1 'adapter sms brings no sms to 8; add it to its `numbers`' $led
site_led '' ''
expect 0 '^3 passed, 0 failed$' $led
rm -r led posts/led.gcx
# Work is handed to a queue of the directory, and a name that has written is no number to answer.
cat >posts/handed.gcx <<'END'
strategy handed on sms {
    attached { told: str }
    work.submit(queue desk, "call them") else {};
    sms.send("We call you.") else { attach told = "no"; stop "not told"; };
    attach told = "yes";
    stop "told";
}
test "a number" { sms handed from "12345" to "desk"; expect told == "yes"; }
test "a name" { sms handed from "BANK" to "desk"; expect told == "no"; }
END
handed="$gcxc test --site posts/posts.gcx --site-conf posts/handed.conf posts/handed.gcx"
printf "create table queue (name text); create table routing_point (dn text, strategy text); insert into queue values ('desk'); insert into routing_point values ('desk', 'handed');" >posts/handed.sql
printf 'directory = "handed.sql"\nstrategies = {"x.gcxb"}\nadapter sms { }\n' >posts/handed.conf
expect 0 '^2 passed, 0 failed$' $handed
sed -i "s/insert into queue values ('desk');//" posts/handed.sql
expect 1 'handed.sql: there is no queue desk; add a row to queue' $handed
# The DN of a queue is called as any number is; what `telephones` has is inside.
cat >posts/desked.gcx <<'END'
strategy desked on voice { route queue desk else stop "not routed"; }
test "to the desk" { call desked from "+331" to "1800"; expect routed to queue desk; }
END
printf "create table queue (name text, dn text); create table routing_point (dn text, strategy text); insert into queue values ('desk', '5000'); insert into routing_point values ('1800', 'desked');" >posts/desked.sql
printf 'directory = "desked.sql"\nstrategies = {"x.gcxb"}\nadapter sip { numbers = "1800" outbound = "127.0.0.1:5060" telephones = "posts/telephones" dialable = "+33*" }\n' >posts/desked.conf
echo '7001 secret' >posts/telephones
desked="$gcxc test --site posts/posts.gcx --site-conf posts/desked.conf posts/desked.gcx"
expect 1 'adapter sip cannot call 5000, the DN of queue desk: give it a line in `telephones`, or add it to `dialable`' $desked
# The exchange refuses it, and so does the world: the strategy goes on as it would there.
expect 1 'instead: stopped "not routed"' $desked
expect 1 '^gcxc: posts/desked.conf: adapter sip cannot call 5000, the DN of queue desk' "$gcxc" simulate --site posts/posts.gcx --site-conf posts/desked.conf \
    --arrivals desked@1800=60/h --agents 1 --for 1h --replications 1 --handling 60s posts/posts.gcx posts/desked.gcx
echo '5000 secret' >>posts/telephones
expect 0 '^1 passed, 0 failed$' $desked
sed -i '$d' posts/telephones; sed -i 's/+33\*/50*/' posts/desked.conf
expect 0 '^1 passed, 0 failed$' $desked
# What is promised is dialled, calls of `redirects` are not answered, and sources without `write` are not written to.
cat >posts/books.gcx <<'END'
strategy books on voice { callback.book("+4712345678", at: now + 1h, strategy: called) else {}; route queue desk; }
strategy called on callback { callback.dial() else stop "refused there"; stop "called"; }
test "is called back" { callback.dial -> true; call books from "+331" to "1802"; expect stopped "called"; }
END
echo "insert into routing_point values ('1802', 'books');" >>posts/posts.sql
expect 1 'adapter sip may not dial +4712345678' $held posts/books.gcx
expect 1 'instead: stopped "refused there"' $held posts/books.gcx
cat >posts/outside.gcx <<'END'
strategy elsewhere on voice {
    attached { number: str?; }
    let there = dn.outside((number else ""), outside) else stop "not allowed";
    route there else stop "not reached";
}
test "outside" { table outside { "+", true; } number "+4712345678"; call elsewhere from "+331" to "1806" with (number: "+4712345678"); expect routed to "+4712345678"; }
END
cat >posts/whispers.gcx <<'END'
strategy whispers on voice { route queue desk whisper "A customer" else stop "not reached"; }
test "whispers" { call whispers from "+331" to "1807"; expect routed to queue desk; }
END
echo "insert into routing_point values ('1806', 'elsewhere'), ('1807', 'whispers');" >>posts/posts.sql
sed '1s/queue desk;/& table outside { key prefix number: str; allowed: bool; }/' posts/posts.gcx >posts/tabled.gcx
cp posts/posts.gcx posts/untabled.gcx; cp posts/tabled.gcx posts/posts.gcx
expect 1 'adapter sip may not dial +4712345678, to which its call is routed' $held posts/outside.gcx
# What `emergency` names is dialled outside though `dialable` lacks it: to there calls are routed, and no call-back made.
sed -i 's/^adapter sip {/& emergency = "911=+4712345678"/' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/outside.gcx
sed -i 's/ emergency = "911=+4712345678"//' posts/gcxvm.conf
sed -i 's/+4712345678/+33145550101/g' posts/outside.gcx
expect 0 '^1 passed, 0 failed$' $held posts/outside.gcx
expect 0 '^1 passed, 0 failed$' $held posts/whispers.gcx
sed -i 's/ tts = "speak"//' posts/gcxvm.conf
expect 1 'adapter sip, which has the call, whispers nothing: it does no ivr.say: set its `tts`' $held posts/whispers.gcx
sed -i 's/^adapter sip {/& tts = "speak"/' posts/gcxvm.conf
mv posts/untabled.gcx posts/posts.gcx
sed 's/+4712345678/911/' posts/books.gcx >posts/helps.gcx
sed -i 's/^adapter sip {/& emergency = "911"/' posts/gcxvm.conf
expect 1 'callback.book fails: invalid_number' $held posts/helps.gcx
sed -i 's/ emergency = "911"//' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' "$gcxc" test --site posts/posts.gcx posts/posts.gcx posts/books.gcx
sed -i 's/+4712345678/+33145550101/' posts/books.gcx
expect 0 '^1 passed, 0 failed$' $held posts/books.gcx
# The trunk that a call wants is one of the site's.
sed 's/on callback { callback.dial/on callback { attached { trunk: str?; } attach trunk = "far, paris"; callback.dial/' posts/books.gcx >posts/trunk.gcx
expect 1 'adapter sip has no trunk `far, paris`' $held posts/trunk.gcx
expect 1 'instead: stopped "refused there"' $held posts/trunk.gcx
expect 0 '^1 passed, 0 failed$' "$gcxc" test --site posts/posts.gcx posts/posts.gcx posts/trunk.gcx
sed -i 's/outbound = "/&paris=127.0.0.1:5061, /' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/trunk.gcx
# So it is where a call is routed to a number outside; inside nobody asks. What is told outside as the caller is a number.
cat >posts/wishes.gcx <<'END'
strategy wishes on voice {
    attached { number: str?; trunk: str?; caller_id: str?; }
    let there = dn.outside((number else ""), outside) else stop "not allowed";
    route there else stop "not reached";
}
strategy within on voice { attached { trunk: str?; caller_id: str? } attach trunk = "far"; attach caller_id = "Us"; route queue desk else stop "not reached"; }
test "by a trunk" { table outside { "+", true; } number "+331"; call wishes from "+331" to "1806" with (number: "+331", trunk: "far"); expect routed to "+331"; }
test "as a number" { table outside { "+", true; } number "+331"; call wishes from "+331" to "1806" with (number: "+331", caller_id: "Us"); expect routed to "+331"; }
test "inside" { call within from "+331" to "1807"; expect routed to queue desk; }
END
cp posts/posts.gcx posts/untabled.gcx; cp posts/tabled.gcx posts/posts.gcx; sed -i "s/('1806', 'elsewhere'), ('1807', 'whispers')/('1806', 'wishes'), ('1807', 'within')/" posts/posts.sql
expect 0 '^3 passed, 0 failed$' "$gcxc" test --site posts/posts.gcx posts/posts.gcx posts/wishes.gcx
expect 1 'adapter sip has no trunk `far`, as the user data `trunk` want' $held posts/wishes.gcx
expect 1 'instead: stopped "not reached"' $held posts/wishes.gcx
expect 1 'adapter sip does not tell `Us`, the user data `caller_id`: a number has digits' $held posts/wishes.gcx
expect 1 '^1 passed, 2 failed$' $held posts/wishes.gcx
sed -i 's/trunk: "far")/trunk: "far, paris")/; s/caller_id: "Us")/caller_id: "+331")/' posts/wishes.gcx
expect 0 '^3 passed, 0 failed$' $held posts/wishes.gcx
sed -i 's/trunk: "far, paris")/trunk: "")/; s/caller_id: "+331")/caller_id: "")/' posts/wishes.gcx # no wishes
expect 0 '^3 passed, 0 failed$' $held posts/wishes.gcx
sed -i "s/('1806', 'wishes'), ('1807', 'within')/('1806', 'elsewhere'), ('1807', 'whispers')/" posts/posts.sql; mv posts/untabled.gcx posts/posts.gcx
sed 's/trunk = "far, paris"/caller_id = "us@here"/; s/trunk:/caller_id:/' posts/trunk.gcx >posts/tells.gcx
expect 1 'adapter sip does not tell `us@here`' $held posts/tells.gcx
sed -i 's/^adapter sip {/& redirects = "1800"/' posts/gcxvm.conf
expect 1 'adapter sip only decides the calls of 1800' $held posts/call.gcx
sed -i 's/"1807"/"1800"/' posts/whispers.gcx; sed -i "s/('1800', 'taped')/('1800', 'whispers')/" posts/posts.sql; cp posts/posts.gcx posts/untabled.gcx; cp posts/tabled.gcx posts/posts.gcx
expect 1 'adapter sip only decides the calls of 1800, and answers none: it does no ivr.say' $held posts/whispers.gcx
mv posts/untabled.gcx posts/posts.gcx; sed -i "s/('1800', 'whispers')/('1800', 'taped')/" posts/posts.sql
for step in 'call.answer()' 'recording.start()' 'recording.stop()'; do
    sed "s/ivr.say(\"Hello.\")/$step/" posts/call.gcx >posts/answers.gcx
    expect 1 "adapter sip only decides the calls of 1800, and answers none: it does no ${step%()}" $held posts/answers.gcx
done
sed -i 's/ redirects = "1800"//' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/answers.gcx
echo 'create table seen (n text);' >posts/crm.sql
sed -i '1s/queue desk;/& source crm schema "crm.sql";/' posts/posts.gcx
cat >posts/writes.gcx <<'END'
strategy writes on voice { query crm exec `insert into seen values ({ani})` timeout 2s else stop "not written"; stop "written"; }
test "is written" { query crm -> 1; call writes from "+331" to "1803"; expect stopped "written"; }
END
echo "insert into routing_point values ('1803', 'writes');" >>posts/posts.sql
echo 'source crm { database = "posts/crm.db" }' >>posts/gcxvm.conf
expect 1 'source crm is read-only: set its `write = true`' $held posts/writes.gcx
expect 1 '^gcxc: posts/gcxvm.conf: source crm is read-only: set its `write = true`' $days --arrivals writes@1803=60/h posts/posts.gcx posts/writes.gcx
sed -i 's/crm.db"/& write = true/' posts/gcxvm.conf
expect 0 '^1 passed, 0 failed$' $held posts/writes.gcx
# What an adapter does by its settings, and never does; a network of short messages has words that never come, too.
sed -i 's/prompts = "sounds"//' posts/gcxvm.conf
sed 's/ivr.say("Hello.")/ivr.tone(beep, 1s)/' posts/call.gcx >posts/tone.gcx
expect 0 '^1 passed, 0 failed$' $held posts/tone.gcx
sed 's/ivr.say("Hello.") else {}/let a = ivr.application("billing") else none/' posts/call.gcx >posts/applies.gcx
expect 1 'adapter sip, which has the call, does no ivr.application at all' $held posts/applies.gcx
sed 's/ivr.say("Hello.")/ivr.menu(prompt ask, ["1": true])/' posts/call.gcx >posts/asks.gcx
sed -i "1s/queue desk;/& prompt ask;/" posts/posts.gcx
expect 1 'adapter sip, which has the call, does no ivr.play: set its `prompts`' $held posts/asks.gcx
cat >posts/left.gcx <<'END'
strategy left on sms { attached { message: str? } route queue desk; }
test "leaves" { sms left from "+331" to "left" with (message: "abmelden"); }
END
echo "insert into queue values ('left'); insert into routing_point values ('left', 'left');" >>posts/posts.sql
echo '{"medium": "sms"}' >posts/provider.json
sed -i '$a adapter provider { plugin = "webhook" network = "provider.json" queue = "left" languages = "de" }' posts/gcxvm.conf
expect 1 '"abmelden" never comes to a strategy' $held posts/left.gcx
sed -i 's/languages = "de" }/languages = "de" words = "abmelden=answer" }/' posts/gcxvm.conf
expect 0 '1 passed' $held posts/left.gcx
# The calling lists and their fields are those of the dialer's database.
printf 'number,name,visits\n+33145550101,Dupont,7\n' >posts/people.csv
"$top_builddir/gcxlists" import sqlite:posts/lists.db people posts/people.csv --map name=name:text --map visits=visits:number >posts/said 2>&1 || { cat posts/said; failed=$((failed + 1)); }
cat >posts/adds.gcx <<'END'
strategy adds on voice {
    attached { list: str; named: str; coloured: str; counted: str; visits: str }
    attach named = "added";
    attach coloured = "added";
    attach counted = "added";
    outbound.add((list else ""), "+33145550102", ["name": "Dupont", "zone": "UTC"]) else e { attach named = "{e.reason}"; };
    outbound.add((list else ""), "+33145550103", ["colour": "red"]) else e { attach coloured = "{e.reason}"; };
    outbound.add((list else ""), "+33145550104", ["visits": (visits else "")]) else e { attach counted = "{e.reason}"; };
    stop "done";
}
test "a list that is there" { call adds from "+331" to "1801" with (list: "people"); expect named == "added"; expect coloured == "refused"; expect counted == "added"; }
test "no number" { call adds from "+331" to "1801" with (list: "people", visits: "seven"); expect counted == "refused"; }
test "a number" { call adds from "+331" to "1801" with (list: "people", visits: "-7.5"); expect counted == "added"; }
test "another one" { call adds from "+331" to "1801" with (list: "peoples"); expect named == "refused"; }
END
echo "insert into routing_point values ('1801', 'adds');" >>posts/posts.sql
sed -i '$a adapter dialer { lists = "sqlite:posts/lists.db" }' posts/gcxvm.conf
expect 0 '^4 passed, 0 failed$' $held posts/adds.gcx
expect 1 'expected coloured == "refused"' "$gcxc" test --site posts/posts.gcx posts/posts.gcx posts/adds.gcx
# So are the standard responses that mails are made of; those of a contact store that is elsewhere nobody knows.
cat >posts/thanked.gcx <<'END'
strategy thanked on voice {
    attached { first: str; second: str }
    attach first = "sent";
    attach second = "sent";
    email.send("a@example.com", template thanks) else e { attach first = "{e.reason}"; };
    email.send("b@example.com", template late) else e { attach second = "{e.reason}"; };
    stop "done";
}
test "both" { call thanked from "+331" to "1801"; expect first == "sent"; expect second == "sent"; }
END
sed -i "s/('1801', 'adds')/('1801', 'thanked')/" posts/posts.sql; sed -i '1s/queue desk;/& template thanks, late;/' posts/posts.gcx
printf 'category,name,language,subject,text\n,thanks,,Thanks,We have it.\n' >posts/responses.csv
sed -i '$a adapter email { submission = "smtp://127.0.0.1:1" store = "sqlite:posts/contacts.db" }' posts/gcxvm.conf
expect 0 'the standard responses of adapter email are not read: tests send any' $held posts/thanked.gcx
"$top_builddir/gcxstore" import sqlite:posts/contacts.db posts/responses.csv >posts/said 2>&1 || { cat posts/said; failed=$((failed + 1)); }
expect 1 'expected second == "sent"' $held posts/thanked.gcx
expect 1 "there is no standard response of that name" $held posts/thanked.gcx
sed -i 's/second == "sent"/second == "refused"/' posts/thanked.gcx
expect 0 '^1 passed, 0 failed$' $held posts/thanked.gcx
rm -r gcxvm.conf moved.sql moved.conf wrong.conf posts

expect 0 '' "$gcxc" check enterprise.gcx tests.gcx

# The site is found from below, by a path that leads there.
mkdir -p deep/er && mv enterprise.gcx deep/er
expect 0 '' "$gcxc" check deep/er/enterprise.gcx
sed -i 's/skill English,/skill Englsh,/' deep/er/enterprise.gcx
expect 1 "did you mean 'English'? (site.gcx:6)" "$gcxc" check deep/er/enterprise.gcx
cd deep/er || exit 1
expect 1 "(../../site.gcx:6)" "$gcxc" check enterprise.gcx
cd "$work" || exit 1
rm -r deep
cp "$source"/strategies/enterprise/enterprise.gcx .

# Files of several sites: each belongs to its own, and one report tells of all.
mkdir -p two/a two/b
for site in a b; do echo "site { queue only_$site; }" >two/$site/site.gcx; done
for site in a b; do echo "strategy s on voice { route queue only_$site; }" >two/$site/s.gcx; done
expect 0 '' "$gcxc" check two/a/s.gcx two/b/s.gcx two/a/site.gcx two/b/site.gcx
expect 0 '' "$gcxc" lint two/*/*.gcx
expect 1 'E0412' "$gcxc" check --site two/a/site.gcx two/a/s.gcx two/b/s.gcx
sed -i 's/only_/no_/' two/*/s.gcx
expect 1 '^::error file=two/b/s.gcx' "$gcxc" check --format github two/*/s.gcx
"$gcxc" check --format sarif two/*/s.gcx | jq -e '.runs | length == 1 and (.[0] | (.results | length) == 2 and (.tool.driver.rules | length) == 1)' >/dev/null ||
    { failed=$((failed + 1)); echo "FAILED: SARIF of two sites"; }
"$gcxc" check --format json two/*/s.gcx | jq -e '.errors == 2 and (.diagnostics | length) == 2' >/dev/null ||
    { failed=$((failed + 1)); echo "FAILED: JSON of two sites"; }

# The same sources give the same bytes, and a build that fails leaves the old image alone.
expect 0 '' "$gcxc" build enterprise.gcx tests.gcx -o one.gcxb
expect 0 '' "$gcxc" build -o two.gcxb enterprise.gcx tests.gcx
expect 0 '' cmp one.gcxb two.gcxb
echo 'strategy x on voice { }' > broken.gcx
expect 1 'E0601' "$gcxc" build broken.gcx -o two.gcxb
expect 0 '' cmp one.gcxb two.gcxb
expect 1 'cannot write nowhere/x.gcxb' "$gcxc" build enterprise.gcx -o nowhere/x.gcxb
[ "$(find . -name '*.gcxb.*' | wc -l)" -eq 0 ] || { failed=$((failed + 1)); echo "FAILED: a draft was left behind"; }

expect 1 "cannot read 'one.gcxb': it is an image" "$gcxc" test one.gcxb
expect 0 '^strategy enterprise' "$gcxc" dis one.gcxb
expect 0 '^  | *let who = select in vq service {$' "$gcxc" dis --source one.gcxb
expect 0 '^  enterprise.gcx:[0-9]*$' "$gcxc" dis -S one.gcxb
cp enterprise.gcx kept.gcx && echo '// changed' >> enterprise.gcx
expect 0 '^source enterprise.gcx is not shown: it is not what it was' "$gcxc" dis --source one.gcxb
expect 0 '^0$' sh -c "'$gcxc' dis --source one.gcxb | grep -c 'let who'; true"
mv kept.gcx enterprise.gcx
expect 2 'does not go with' "$gcxc" check --source one.gcxb
expect 1 'cannot read nothere' "$gcxc" dis nothere.gcxb
head -c 300 one.gcxb > cut.gcxb
expect 1 'cut.gcxb: offset' "$gcxc" dis cut.gcxb
expect 0 '^one.gcxb: good: [0-9]* bytes, 1 strategies, .* wait points; hash [0-9a-f]*$' "$gcxc" verify one.gcxb
expect 1 '^gcxc: cut.gcxb: offset [0-9]*: not a good image: ' "$gcxc" verify one.gcxb cut.gcxb
expect 1 '^one.gcxb: good' "$gcxc" verify cut.gcxb one.gcxb
expect 1 'site.gcx: offset 0: .*gcxc build makes an image' "$gcxc" verify site.gcx
expect 1 'site.gcx: offset' "$gcxc" dis site.gcx

expect 0 '^ok      a gold French caller reaches Marie' "$gcxc" test tests.gcx
expect 0 '^1 passed, 0 failed' "$gcxc" test tests.gcx
expect 0 'EventRouteRequest' "$gcxc" test -v tests.gcx
expect 1 'no tests' "$gcxc" test enterprise.gcx
expect 1 'no tests' "$gcxc" test --filter nothing tests.gcx
expect 1 'cannot read' "$gcxc" test nothere.gcx
sed 's/priority == 50/priority == 51/; s/gold French/silver French/' tests.gcx > failing.gcx
expect 1 '^FAILED  a silver French' "$gcxc" test failing.gcx
expect 1 '^   14 |     expect priority == 51;' "$gcxc" test failing.gcx
# Why it was her, and nobody else.
expect 1 'Select in vq service: marie is taken; line 21 opens in 20 s' "$gcxc" test failing.gcx
expect 1 '; group overflow opens in 40 s$' "$gcxc" test failing.gcx
expect 1 'marie: taken; line 20: matches$' "$gcxc" test failing.gcx
expect 1 'paul: ready; line 20: French 0, needs 8; Sales 0, needs 1$' "$gcxc" test failing.gcx
expect 1 '^1 passed, 1 failed' "$gcxc" test tests.gcx failing.gcx
# A step that failed is told, also where no message says so: the row is there, and is not what was asked for.
sed 's/query customers -> .*/query customers -> ["name": 7];/' tests.gcx > badrow.gcx
expect 1 ' strategy enterprise.gcx:12: query first fails: bad_row$' "$gcxc" test badrow.gcx
expect 1 ' strategy enterprise.gcx:8: ivr.digits fails: no_input$' sh -c \
    "sed 's/ivr.digits(prompt account_number) -> .*/ivr.digits -> fail no_input;/' tests.gcx > silent.gcx; '$gcxc' test silent.gcx"
expect 1 '^2 passed, 1 failed' "$gcxc" test tests.gcx failing.gcx "$source/strategies/enterprise/tests.gcx"
expect 1 '^0 passed, 0 failed' "$gcxc" test broken.gcx

# A name that comes as data and is none: what was looked for is told, but not where the strategy has secrets.
mkdir named && cat > named/named.gcx <<'END'
site { default timeout 30s; default busy {} group people; vq v; queue desk; prompt hold; }
strategy told on voice { connect in vq v { group.named((user_data["to"].str else "")); agent.named(dnis); } answer 9s else goto d; d: route queue desk; }
test "told" { call told with (to: "Sellers@Stat_Server.GA"); expect abandoned; }
END
sed 's/route queue desk; }/&\nstrategy other on voice { attached { secret pin: str; } stop "x"; }/' named/named.gcx > named/secret.gcx
expect 1 "line 2 names nobody that is there: there is no group 'Sellers@Stat_Server.GA'; line 2 names nobody that is there: there is no agent '1800'$" \
    "$gcxc" test --site named/named.gcx named/named.gcx
expect 1 "line 2 names nobody that is there; line 2 names nobody that is there$" \
    "$gcxc" test --site named/secret.gcx named/secret.gcx

# What goes round without a wait is told at once, with its strategy and line: a loop, and strategies that switch to each other.
mkdir round && cat > round/round.gcx <<'END'
site { parameter go: bool = true; }
strategy loop on voice {
    while go {
        attach user_data["x"] = 1;
    }
    stop "x";
}
strategy to on voice { switch to fro; }
strategy fro on voice { switch to to; }
test "loops" { call loop; expect stopped "x"; }
test "switches" { call to; expect stopped "x"; }
END
expect 1 'failed "no fuel left" in loop, .*round.gcx:[34], which goes round without a wait, after 49ms$' \
    "$gcxc" test --site round/round.gcx round/round.gcx
cp said round/said
expect 0 'strategy .*round.gcx:8: switch to fails: refused$' cat round/said

# Strategies without an end, a hostile pattern among them: each is stopped, and its call routed by default.
expect 0 '^6 passed, 0 failed$' \
    "$gcxc" test --site "$source/tests/bench/fairness.gcx" "$source/tests/bench/fairness.gcx"

# Many tests: in the order of the sources whoever plays them; told to people, to TAP's and to JUnit's readers.
{
    echo 'import enterprise;'
    for i in $(seq 40); do
        echo "test \"number $i\" { agent a (English: 9, Sales: 3) ready; ivr.digits(prompt account_number) -> \"4711\";"
        echo 'ivr.menu(prompt language) -> "1"; query customers -> none; call enterprise;'
        [ "$i" -ne 13 ] || echo 'expect routed to queue desk;'
        echo 'expect routed to agent a; }'
    done
    echo 'test "odd: <&> # \"quoted\" é" { call enterprise; expect never abandoned; }'
} > many.gcx
expect 1 '^39 passed, 2 failed' "$gcxc" test -j 4 many.gcx
"$gcxc" test -j 1 many.gcx > one.out
"$gcxc" test -j 7 many.gcx > seven.out
expect 0 '' cmp one.out seven.out
expect 1 '^FAILED  number 13' cat one.out /nothere
expect 0 '^many.gcx:60: number 20' "$gcxc" test --list many.gcx
expect 0 '^1 passed, 0 failed' "$gcxc" test --filter 'number 7' many.gcx
expect 0 '^10 passed, 0 failed' "$gcxc" test --filter 'number 2?' many.gcx
"$gcxc" test -j 3 --format tap many.gcx > tap.out
expect 0 '^1..41$' cat tap.out
expect 0 '^not ok 13 - number 13' cat tap.out
expect 0 '^not ok 41 - odd: <&> .# "quoted"' cat tap.out
if command -v prove > /dev/null; then
    expect 1 'Failed tests:  13, 41' prove -e cat tap.out
fi
mkdir alone && cp broken.gcx alone/ && echo 'site { }' > alone/site.gcx # a program of its own
"$gcxc" test -j 3 --format junit many.gcx alone > junit.xml 2> /dev/null
if command -v xmllint > /dev/null; then
    expect 0 '^42 2 1$' xmllint --xpath 'concat(/testsuites/@tests, " ", /testsuites/@failures, " ", /testsuites/@errors)' junit.xml
    expect 0 '^odd: <&> # "quoted" é$' xmllint --xpath 'string(//testcase[41]/@name)' junit.xml
    expect 0 'expected routed to queue desk; instead: routed to agent a' xmllint --xpath 'string(//testcase[13]/failure/@message)' junit.xml
    expect 0 'E0601' xmllint --xpath 'string(//error)' junit.xml
fi
rm -r alone
expect 2 "format is one of text|tap|junit, not 'csv'; see" "$gcxc" test --format csv many.gcx
expect 2 "jobs takes a number of 1 or more, not 'x'" "$gcxc" test -j x many.gcx
expect 2 'does not go with' "$gcxc" check --list many.gcx

# What tests ran: as text, as a page, as lcov reads it; of all images together, in any number of processes.
"$gcxc" test --coverage tests.gcx > cover.out
expect 0 '^enterprise.gcx  *8 of 12 .* 1 of 2 .* 5 of 39' cat cover.out
expect 0 '^    never run: line 21-24, 30-32$' cat cover.out
expect 0 '^    line 16:5 never leads to line 20$' cat cover.out
cat > none.gcx <<'END'
site { default zone "Europe/Paris"; schedule hours zone "Europe/Paris" { mon..fri 09:00..17:00; } }
strategy none_there on voice {
    let opens = hours.opens();
    if opens == none { stop "never"; }
    stop "later";
}
record Customer { name: str? }
strategy arm_of_none on voice {
    segment Customer(ani).name {
        none -> stop "none";
        "1" -> stop "one";
        else -> stop "else";
    }
}
test "it opens" { at 2026-03-02 10:00 zone "Europe/Paris"; call none_there from "1" to "2"; expect stopped "later"; }
test "an arm" { call arm_of_none from "1" to "2"; expect stopped "one"; }
END
"$gcxc" test --coverage --site none.gcx none.gcx > none.out
expect 0 '^    line 4:5 never leads to line 4:24, as it is never none$' cat none.out
expect 0 '^    line 9:5 never leads to line 10:17, as it is never none$' cat none.out
expect 0 '^    line 9:23: ivr.menu never ends with timeout, not_applied, no_input, invalid$' cat cover.out
# The site's default locale makes no branch, and nobody abandons while a call is rejected.
cat > covered.gcx <<'END'
site { default timeout 10m; default locale "fr"; skill French; vq service; queue desk; prompt hold; }
strategy shop on voice {
    if ani == "666" { reject 603; }
    ivr.say("Hello.") else {};
    route queue desk;
    on abandoned { stop "gone"; }
}
strategy closed on voice {
    reject 603;
    on abandoned { stop "gone"; }
}
test "welcome" { call shop from "1" to "2"; expect routed; }
test "rejected" { call shop from "666" to "2"; expect rejected 603; }
test "closed" { call closed from "1" to "3"; expect rejected 603; }
END
"$gcxc" test --exits --coverage --site covered.gcx covered.gcx > covered.out
expect 0 '^covered.gcx  *4 of 6 .* 2 of 2 .* 2 of 11 ' cat covered.out
expect 0 '^1 0$' sh -c "echo $(grep -c '^    on abandoned        forced: abandoned at once$' covered.out) $(grep -c 'did not come' covered.out)"
cat > passed_over.gcx <<'END'
site { default timeout 10m; default busy { ivr.music(prompt hold, 30s); } queue desk; vq x; skill Sales; prompt hold; }
strategy s on voice { connect in vq x { skill Sales >= 1; } answer 10s timeout 1m else goto desk; desk: route queue desk; }
test "served" { agent anna (Sales: 5); call s; expect routed to agent anna; }
END
"$gcxc" test --coverage --site passed_over.gcx passed_over.gcx > passed_over.out
expect 0 '^2:23: select 2:23: route 2:105: route $' sh -c "sed -n 's/^    line \([2-9][^ ]* [a-z]*\) never.*/\1/p' passed_over.out | tr '\n' ' '" # no exclude, which connect makes
"$gcxc" test -j 1 --coverage tests.gcx many.gcx --html one.html --lcov one.info > one.out
"$gcxc" test -j 5 --coverage tests.gcx many.gcx --html five.html --lcov five.info > five.out
expect 0 '' cmp one.out five.out
expect 0 '' cmp one.html five.html
expect 0 '' cmp one.info five.info
expect 0 '<p class="w">ivr.digits at column 22 never ends with ' cat one.html
expect 0 '^DA:16,41$' cat one.info
expect 0 '^BRDA:16,0,1,40$' cat one.info
expect 0 '^LH:9$' cat one.info
if command -v xmllint > /dev/null; then
    expect 0 '^not$' xmllint --html --xpath 'string(//tr[td[1]="32"]/@class)' one.html
    expect 0 '^part$' xmllint --html --xpath 'string(//tr[td[1]="9"]/@class)' one.html
fi
# Arms of a segment and shares of a split are ways, from tables and from tests; of words that go through all, no more.
cat > arms.gcx <<'END'
site { default zone "Europe/Paris"; queue desk; }
strategy arms on voice {
    segment ani {
        "1" -> priority = 1;
        "2" -> priority = 2;
        match "^3+$" -> priority = 3;
        else -> priority = 4;
    }
    split by ani { 50% -> priority = 5; else -> priority = 6; }
    for times in [1, 2] {
        segment times { 1 -> priority = 7; 2 -> priority = 8; else -> {} }
        segment dnis { "2" -> priority = 9; }
    }
    segment 0.5 { 0.1..0.4 -> priority = 1; 0.5 -> priority = 2; else -> {} }
    segment truly(true) { "a" -> stop "a"; else -> stop "b"; }
}
function truly(which: bool): str {
    let later = now.weekday in mon..sun;
    segment which {
        true -> return "a";
        false -> return "b{later}";
    }
}
test "one" { call arms from "1" to "2"; expect stopped "a"; }
test "odd" { call arms from "33" to "2"; expect stopped "a"; }
END
"$gcxc" test --coverage --site arms.gcx arms.gcx --html arms.html --lcov arms.info --ways arms.ways > arms.out
expect 0 '^10 of 19$' python3 -c 'import json
ways = json.load(open("arms.ways"))
rows = [way["taken"] for one in ways["branches"] for way in one["ways"]]
print(sum(taken > 0 for taken in rows), "of", len(rows))'
expect 1 'no file of ways' "$gcxc" test --site arms.gcx arms.gcx --ways arms.info
expect 0 '^arms.gcx .* 10 of 19 ' cat arms.out
expect 0 '^9$' grep -c '^    line ' arms.out
for way in '3:5 never leads to line 5:27' '3:5 never leads to line 7:28' '9:5 never leads to line 9:60' \
    '11:9 never leads to line 12:9' '12:9 always does something' '14:5 never leads to line 14:42' \
    '14:5 always leads to line 14:63' '15:5 never leads to line 15:52' '19:5 always leads to line 20'; do
    expect 0 "^    line $way\$" cat arms.out
done
expect 0 '^BRDA:3,0,0,1 BRDA:3,0,1,0 BRDA:3,0,2,1 BRDA:3,0,3,0 BRDA:9,1,0,' sh -c "grep BRDA arms.info | paste -s -d ' '"
expect 0 '<p class="w">the branch at column 5 never leads to line 7:28</p>' cat arms.html
# The busy block that the site gives all selections counts, whether or not a test comes to it.
mkdir waits && cat > waits/site.gcx <<'END'
site {
    vq service; group people; prompt hold; default timeout 1m;
    default busy {
        ivr.music(prompt hold, 20s);
    }
}
END
cat > waits/a.gcx <<'END'
strategy a on voice { let who = select in vq service { group people; } else stop "x"; route who else stop "y"; }
test "nobody" { call a from "1" to "2"; expect stopped "x"; }
test "somebody" { agent marie in group people ready; call a from "1" to "2"; expect routed to agent marie; }
END
expect 0 '^waits/site.gcx  *1 of 1 ' "$gcxc" test --coverage waits
expect 0 '^waits/site.gcx  *0 of 1 ' "$gcxc" test --coverage waits -f somebody
# Agents of a test take whatever comes, and those at a desk what it offers: that is told of strategies that choose them.
! grep 'agents of tests' "$work/said" || expect 0 'no media' false
cat > waits/b.gcx <<'END'
strategy b on sms, email, chat { let who = select in vq service { group people; } timeout 1m busy { delay(1m); } else stop "x"; route who else stop "y"; }
strategy c on social { stop "z"; }
END
expect 0 '^agents of tests have each medium: at a site its `adapter desk` has to offer sms (--site-conf FILE holds tests to that)$' "$gcxc" test --coverage waits
printf 'directory = "waits.sql"\nstrategies = {"x.gcxb"}\nadapter tserver { switch = "127.0.0.1:7000" }\n' > waits/gcxvm.conf
echo "create table queue (name text, dn text); create table routing_point (dn text, strategy text); insert into routing_point values ('2', 'a');" > waits/waits.sql
expect 0 '^2 passed' "$gcxc" test --coverage --site-conf waits/gcxvm.conf waits
! grep 'agents of tests' "$work/said" || expect 0 'a site is given' false
rm waits/b.gcx waits/gcxvm.conf waits/waits.sql
# What becomes of failures that no test meets.
"$gcxc" test --exits tests.gcx > exits.out
expect 0 '^enterprise.gcx:19:15: select$' cat exits.out
expect 0 '^    no_answer           forced: routed to queue desk at once$' cat exits.out
expect 0 '^    unavailable         forced: routed to agent marie at once$' cat exits.out
expect 0 '^    on abandoned        forced: abandoned at once$' cat exits.out
expect 0 '^    busy                no test gets to the step$' cat exits.out
expect 0 '^0 failure exits and handlers are covered, 32 are not$' cat exits.out
sed 's/-> "4711"/-> fail no_input/' many.gcx > no_input.gcx
expect 1 '^1 failure exits and handlers are covered, 31 are not$' "$gcxc" test --exits tests.gcx no_input.gcx -f '*13'
# Two steps of one line are told apart.
mkdir line && echo 'site { queue desk; prompt p; default timeout 1m; }' > line/site.gcx
cat > line/line.gcx <<'GCX'
strategy s on voice {
    ivr.music(prompt p, 3s) else {}; ivr.music(prompt p, 4s) else { stop "b"; }; stop "a";
}
test "s" { call s; expect stopped "a"; }
GCX
"$gcxc" test --exits --coverage --html line/line.html line > exits.out
expect 0 '^line/line.gcx:2:5: ivr.music$' cat exits.out
expect 0 '^line/line.gcx:2:38: ivr.music$' cat exits.out
expect 0 '^    line 2:38: ivr.music never ends with ' cat exits.out
expect 0 '<p class="w">ivr.music at column 38 never ends with ' cat line/line.html
# Of what does not compile nothing is told of coverage, and no page is written over one that tells something.
cp line/line.html page.html && echo 'strategy t on voice { }' >> line/line.gcx
expect 1 '^0 passed, 0 failed$' "$gcxc" test --exits --coverage --html line/line.html line
expect 0 '^0$' sh -c "grep -c 'coverage of\|exits' '$work/said'; true"
expect 0 '' cmp page.html line/line.html
# A line was run as often as it was come to, not as often as a selection in it asked, or did something meanwhile.
cat > line/line.gcx <<'GCX'
strategy s on voice {
    let who = select in vq v { skill Sales >= 5; after 10s: skill Sales >= 1; } timeout 1m busy {} else route queue desk;
    route who else route queue desk;
}
test "s" { agent a (Sales: 3) ready; agent b (Sales: 2) ready; call s; expect routed to agent a; }
GCX
echo 'site { queue desk; vq v; skill Sales; default timeout 1m; }' > line/site.gcx
expect 0 '^1 passed' "$gcxc" test --lcov line/line.info line
expect 0 '^DA:2,1$' cat line/line.info
rm -r line page.html
# Handlers of consultations: by the first test that has one about a call. A signal's data are not known.
mkdir consulted
cat > consulted/site.gcx <<'GCX'
site { default timeout 2m; queue desk; prompt ask; signal go();
    default zone "UTC"; skill Sales; signal paid(amount: int, note: str, lines: list<str>, at: time, ref: str?); signal asked(what: skill);
}
strategy s on voice.consult {
    ivr.music(prompt ask, 30s) else {};
    route queue desk;
    on transferred { route queue desk; }
    on main_released { stop "the main call is gone"; }
    on signal go { stop "signal"; }
    on signal paid (p) { stop "{p.amount} {p.note} {p.lines.count} {p.at} {p.ref == none}"; }
    on signal asked (p) { stop "{p.what}"; }
}
test "of none" { call s from "7001" to "1850"; expect routed; }
test "of one" { call s from "7001" to "1850" main "+33145550101"; expect routed; }
GCX
"$gcxc" test --exits consulted/site.gcx > exits.out
expect 0 '^    on transferred      forced: routed to queue desk at once$' cat exits.out
expect 0 '^    on main_released    forced: stopped "the main call is gone" at once$' cat exits.out
expect 0 '^    on signal           forced: stopped "signal" at once$' cat exits.out
expect 0 '^    on signal           forced: stopped "1 x 0 1970-01-01 00:00' cat exits.out
expect 0 '^    on signal           not forced: only a test can say what the signal brings$' cat exits.out
# A call-back that fails at once has failed, and so by that word.
cat > consulted/back.gcx <<'GCX'
site { default timeout 10m; default zone "Europe/Paris"; queue desk; }
strategy books on voice {
    callback.book(ani, at: now + 1h, strategy: dials) else stop "no";
    callback.book("+33145550102", at: now + 2h, strategy: fails) else stop "no";
    stop "booked";
    on abandoned { stop "never: a booking is over at once"; }
}
strategy dials on callback { callback.dial(); route queue desk; }
strategy fails on callback { fail "bad"; }
test "dials" { call books from "+33145550101" to "1800"; expect callback.dial times 1; expect failed "bad"; }
GCX
"$gcxc" test --exits --site consulted/back.gcx consulted/back.gcx > exits.out
expect 0 '^1 passed, 0 failed$' cat exits.out
expect 1 '' grep 'on abandoned' exits.out
sed 's/expect failed "bad"/expect failed "worse"/' consulted/back.gcx > consulted/worse.gcx
expect 1 'expected failed "worse"; instead: failed "bad"' "$gcxc" test --site consulted/worse.gcx consulted/worse.gcx
sed '/fails/d; s/ expect failed "bad";//' consulted/back.gcx > consulted/dials.gcx
"$gcxc" test --exits --site consulted/dials.gcx consulted/dials.gcx > exits.out
expect 0 '^    refused             forced: failed "refused" after 1h$' cat exits.out
rm consulted/back.gcx consulted/worse.gcx consulted/dials.gcx
# What becomes of a call-back, not of the call that booked it; also where it ends as soon as it begins.
cp "$top_srcdir/tests/language/play-callback-fails.gcx" "$top_srcdir/tests/language/play-callback-word.gcx" .
"$gcxc" test --exits --site play-callback-fails.gcx play-callback-fails.gcx > exits.out
expect 0 '^    timeout             forced: stopped "not reached" after 2d21h30m$' cat exits.out
"$gcxc" test --exits --site play-callback-word.gcx play-callback-word.gcx > exits.out
expect 0 '^    refused             forced: stopped "not reached" at once$' cat exits.out
rm play-callback-fails.gcx play-callback-word.gcx
# What is told is what ran: not the handler where a wait takes the signal, and of who met it, not of who came first.
cat > consulted/taken.gcx <<'GCX'
site { default timeout 2m; queue desk; prompt ask; signal go(); signal stay(); counter gone; }
strategy waits on voice {
    wait for go timeout 10s else {};
    wait for stay timeout 10s else {};
    stop "waited";
    on signal stay { ivr.play(prompt ask) else {}; stop "handled"; }
}
strategy only on voice {
    wait for go timeout 10s else {};
    stop "only";
    on signal go { stop "go"; }
    on abandoned { count gone; }
}
strategy second on voice {
    if ani == "2" { delay 2s; wait for go timeout 1s else stop "second"; }
    stop "first";
    on signal go { stop "go"; }
}
test "waits" { call waits from "1" to "2"; expect stopped "waited"; }
test "only" { call only from "1" to "2"; expect stopped "only"; }
test "second" { call second from "1" to "2"; call second from "2" to "2"; expect stopped "second"; }
GCX
"$gcxc" test --exits --site consulted/taken.gcx consulted/taken.gcx > exits.out
expect 0 '^    on signal           forced: stopped "handled" after 3s$' cat exits.out
expect 0 '^    on signal           not run: the wait at line 9 took the signal: stopped "only" at once$' cat exits.out
expect 0 '^    on abandoned        forced: abandoned at once$' cat exits.out
expect 0 '^    on signal           forced: stopped "go" at once$' cat exits.out
expect 0 'taken.gcx:6:22: ivr.play$' cat exits.out
rm consulted/taken.gcx
# Of a long line what lies around the expectation is shown.
cat > consulted/long.gcx <<'GCX'
test "long" { call s from "1" to "2"; expect never ani == "a very long text, as long as they are where somebody wrote many expectations on one line, or a machine did"; expect priority == 3; }
GCX
expect 1 '^    1 | \.\.\..* expect priority == 3; }$' "$gcxc" test --site consulted/site.gcx consulted/long.gcx
# Changes that no test notices; and that one more test does.
"$gcxc" test --mutate tests.gcx > mutants.out
expect 0 '^14 mutants noticed, 27 not noticed, 17 where no test runs$' cat mutants.out
expect 0 '^  enterprise: 14 of 41 noticed, 17 where no test runs$' cat mutants.out
expect 0 '^enterprise.gcx:20:[0-9]*: `8` becomes `9`$' cat mutants.out
expect 0 '^enterprise.gcx:9:[0-9]*: the `else` of `ivr.menu` is left out$' cat mutants.out
expect 1 '' grep 'priority' mutants.out
{
    echo 'import enterprise; test "French 8 is enough, and 7 is not" { agent seven (French: 7, Sales: 9) ready;'
    echo 'ivr.digits(prompt account_number) -> "4711"; ivr.menu(prompt language) -> "2"; query customers -> none;'
    echo 'agent eight (French: 8, Sales: 1) in group overflow ready; call enterprise; expect routed to agent eight; }'
} > eight.gcx
"$gcxc" test --mutate tests.gcx eight.gcx > better.out
expect 1 '' grep '^enterprise.gcx:20:.*`8` becomes' better.out
expect 0 '^enterprise.gcx:14:[0-9]*: `2s` becomes `1s`$' cat better.out
# A baseline: what is written above moves no mutant, a new one that nothing notices fails, one that is noticed does not.
cp enterprise.gcx kept.gcx
"$gcxc" test --mutate --mutants known.json tests.gcx > mutants.out
expect 0 '"not_noticed": 27' cat known.json
{ echo; echo; cat kept.gcx; } > enterprise.gcx
expect 0 '^no new one since the baseline$' "$gcxc" test --mutate --mutants-known known.json tests.gcx
sed 's/^    let who/    if ani == "1" { priority = 7; }\n    let who/' kept.gcx > enterprise.gcx
expect 1 '^enterprise.gcx:[0-9]*:[0-9]*: `7` becomes `8`$' "$gcxc" test --mutate --mutants-known known.json tests.gcx
cp kept.gcx enterprise.gcx
expect 0 '^no new one' "$gcxc" test --mutate --mutants-known known.json tests.gcx eight.gcx
# What was not tried in the time may be new.
"$gcxc" test --mutate --within 1 --jobs 1 --mutants-known known.json tests.gcx eight.gcx > short.out
! grep -q 'not tried' short.out || grep -q 'among those that were tried$' short.out || say "untried: $(cat short.out)"
expect 1 'is no file of mutants' "$gcxc" test --mutate --mutants-known tests.gcx tests.gcx
expect 1 'is no file of mutants: it is left' "$gcxc" test --mutate --mutants eight.gcx tests.gcx
grep -q ' mutants noticed' said && say "mutants are played before the file is looked at"
expect 2 'go with --mutate' "$gcxc" test --mutants-known known.json tests.gcx
rm kept.gcx known.json
# Orders, conditions of lines and shares are changed, too, and when a line begins.
cat > ordered.gcx <<'GCX'
strategy one on voice {
    let who = select in vq service { skill Sales >= 1 where it.idle_time >= 0s; } by longest_idle timeout 1m else stop "none";
    route who else stop "lost";
}
strategy two on voice {
    let who = select in vq service { skill Sales >= 1; } by max(skill Sales), round_robin timeout 1m else stop "none";
    route who else stop "lost";
}
strategy three on voice {
    let who = select in vq service { skill Sales >= 1 share 70%; group overflow share 30%; } timeout 1m else stop "none";
    route who else stop "lost";
}
strategy four on voice {
    let who = select in vq service { skill Sales >= 1; after 20s: group overflow; } timeout 1m else stop "none";
    route who else stop "lost";
}
test "four" { agent a (Sales: 1) ready; call four from "1" to "2"; expect routed to agent a; }
test "one" { agent a (Sales: 1) ready; call one from "1" to "2"; expect routed to agent a; }
test "two" { agent a (Sales: 1) ready; call two from "1" to "2"; expect routed to agent a; }
test "three" { agent a (Sales: 1) in group overflow ready; call three from "1" to "2"; expect routed to agent a; }
GCX
"$gcxc" test --mutate ordered.gcx > ordered.out
for change in '2:[0-9]*: `where it.idle_time >= 0s` is left out' '2:[0-9]*: `by longest_idle` becomes `random`' \
    '6:[0-9]*: `by max(skill Sales), round_robin` becomes `min`' '6:[0-9]*: of `by max(skill Sales), round_robin` only the first order is left' \
    '14:[0-9]*: `after 20s` is left out' '14:[0-9]*: `20s` becomes `10s`' \
    '6:[0-9]*: `by max(skill Sales), round_robin` is left out' '10:[0-9]*: the share of this line and that of the next one change places'; do
    expect 0 "^ordered.gcx:$change\$" cat ordered.out
done
rm ordered.gcx
# A busy block that holds nothing is none: nobody could notice that it is left out.
cat > quiet.gcx <<'GCX'
strategy quiet on voice { let who = select in vq service { skill Sales >= 1; } timeout 1m busy {} else stop "none"; route who else stop "lost"; }
test "nobody comes" { call quiet from "1" to "2"; expect stopped "none"; }
GCX
"$gcxc" test --mutate quiet.gcx > quiet.out
expect 0 'not noticed' cat quiet.out
expect 1 '' grep 'busy. of' quiet.out
rm quiet.gcx
expect 1 'no change is tried while a test fails' "$gcxc" test --mutate failing.gcx
expect 1 'is no page' "$gcxc" test tests.gcx --html enterprise.gcx
expect 0 '' cmp enterprise.gcx "$source/strategies/enterprise/enterprise.gcx"
expect 0 '^enterprise.gcx  *2 of 12 ' sh -c "'$gcxc' test --coverage many.gcx --filter 'odd*' enterprise.gcx || true"

# A device, a folder, a huge file are no sources.
expect 1 'not a regular file' "$gcxc" check /dev/null
mkfifo pipe.gcx
expect 1 'not a regular file' timeout 60 "$gcxc" check pipe.gcx
mkdir holidays piped
mkfifo holidays/FR.txt
echo 'site { schedule hours zone "Europe/Paris" { holidays FR closed; } }' > piped/site.gcx
mv holidays piped/
expect 1 'E0327.*\|not a regular file' timeout 60 "$gcxc" check piped/site.gcx
rm -r pipe.gcx piped
mkdir folder.gcx && expect 1 'E0001' "$gcxc" check --site folder.gcx enterprise.gcx
rmdir folder.gcx
head -c 5000000 /dev/zero > huge.gcx
expect 1 'more than 4 MB' "$gcxc" check huge.gcx
head -c 5000 /dev/zero | tr '\0' '\1' > controls.gcx # bytes.sh has more
expect 1 'and [0-9]* more' "$gcxc" check controls.gcx
head -c 100000 /dev/zero > zeros.gcx
expect 1 "the character '.x00' has no meaning here" "$gcxc" check zeros.gcx

# What a program's errors left no room for has its room with the next one that reads the same file, and is not lost;
# errors have room before warnings.
mkdir -p crowded/lib
echo 'site { queue desk; default timeout 1m; }' | tee crowded/site.gcx > crowded/lib/site.gcx
for i in $(seq 23); do echo "const c$i: int = \"$i\";"; done > crowded/lib/many.gcx
echo 'import lib.many; strategy a on voice { stop "a"; }' > crowded/a.gcx
echo 'strategy b on voice { stop bb; }' > crowded/b.gcx
expect 1 '^and 3 more$' "$gcxc" test crowded/a.gcx
expect 1 "^and 3 more$" "$gcxc" test crowded/lib crowded/a.gcx crowded/b.gcx
for i in $(seq 23); do
    [ "$(grep -c "const c$i:" "$work/said")" -eq 1 ] || { failed=$((failed + 1)); echo "FAILED: c$i is not told once"; }
done
grep -q "unknown name 'bb'" "$work/said" || { failed=$((failed + 1)); echo "FAILED: what only b.gcx has is not told"; }
{
    echo 'strategy w on voice {'
    for i in $(seq 25); do echo "    a$i: delay ${i}s;"; done
    echo '    stop nobody;'
    echo '}'
} > crowded/w.gcx
echo 'site { queue desk; default timeout 1m; }' > crowded/site.gcx
expect 1 "unknown name 'nobody'" "$gcxc" check crowded/w.gcx
expect 1 '^and 6 more$' "$gcxc" check crowded/w.gcx
rm -r crowded

# In which order the files are named is nobody's business: the image has the same bytes, with what they import and their
# tests; and a constant may be made of one of another file.
mkdir ordered
echo 'site { queue desk; skill Sales; default timeout 1m; }' > ordered/site.gcx
cat > ordered/z.gcx <<'END'
import lib;
const last = first + 1;
strategy z on voice { priority = later(last); route queue desk; }
test "z" { call z; expect priority == 4; }
END
cat > ordered/a.gcx <<'END'
const first = 2;
function later(n: int): int { return n + 1; }
strategy a on voice { priority = shared(); route queue desk; }
test "a" { call a; expect priority == 7; }
END
echo 'function shared(): int { return 7; }' > ordered/lib.gcx
(cd ordered && "$gcxc" build a.gcx z.gcx -o az.gcxb && "$gcxc" build z.gcx a.gcx -o za.gcxb &&
    "$gcxc" build lib.gcx z.gcx a.gcx -o lza.gcxb && "$gcxc" build z.gcx a.gcx lib.gcx -o zal.gcxb)
expect 0 '' cmp ordered/az.gcxb ordered/za.gcxb
expect 0 '' cmp ordered/lza.gcxb ordered/zal.gcxb
echo 'strategy c on voice { stop unknown; }' > ordered/c.gcx
echo 'strategy b on voice { stop unheard; }' > ordered/b.gcx
expect 1 'unheard' "$gcxc" check ordered/c.gcx ordered/b.gcx
grep 'error:' "$work/said" | head -1 | grep -q "'unknown'" || { failed=$((failed + 1)); echo "FAILED: told in another order"; }
rm -r ordered

# Only an image gives way to an image: a source does not, nor a device.
cp tests.gcx kept.gcx
expect 1 'is no image' "$gcxc" build enterprise.gcx -o kept.gcx
expect 0 '' cmp tests.gcx kept.gcx
expect 1 'is no image' "$gcxc" build enterprise.gcx -o .
expect 1 'is no image' "$gcxc" build enterprise.gcx -o /dev/null
: > empty.gcxb
expect 0 '' "$gcxc" build enterprise.gcx -o empty.gcxb
expect 0 '' "$gcxc" build enterprise.gcx -o empty.gcxb
[ ! -c /dev/full ] || expect 1 'could not be written' sh -c "'$gcxc' dis empty.gcxb > /dev/full"

# A byte order mark says nothing, a NUL stands in no text, and a line may be as long as it likes.
printf '\357\273\277strategy s on voice { route queue desk; }' > mark.gcx
expect 0 '' "$gcxc" check mark.gcx
printf 'strategy s on voice { ivr.say("a\000b"); route queue desk; }' > nul.gcx
expect 1 'nul.gcx:1:33: error: the character .*x00' "$gcxc" check nul.gcx
{
    printf 'strategy s on voice { segment ani { '
    seq -f '"%.0f" -> stop "x";' 50000 | tr '\n' ' '
    printf 'else -> route queue desk; } }'
} > line.gcx
expect 1 'E0612' timeout 60 "$gcxc" check line.gcx

# A connection string is never shown: nobody knows which of its words is a password.
mkdir pull && cp site.gcx enterprise.gcx pull
sed -i 's/source customers schema "customers.sql"/source customers postgres schema "customers.pulled"/' pull/site.gcx
for connect in 'host=/x password=hunter2' 'host=/x password hunter2' 'hunter2' 'host=/x user=gcx hunter2' "host='hunter2" \
    'postgresql://gcx:hunter2@/x' 'postgresql://gcx:hunter2@%zz/crm' 'postgresql://gcx:hunter2/crm' 'host=/x port=hunter2' \
    'host=/x sslpassword=hunter2' 'postgresql://gcx@[hunter2/crm'; do
    expect 1 '^gcxc: --connect .*; expected .*PGPASSFILE' "$gcxc" schema pull --source customers --connect "$connect" pull/enterprise.gcx
    cp said shown
    expect 1 '' grep hunter2 shown
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
