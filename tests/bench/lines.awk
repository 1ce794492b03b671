# tests/bench/lines.awk - Programs of some 100,000 lines in Lua and C, for what a compiler of theirs takes to read them: about
# as many branches, calls and texts a line as the strategies of large.awk have. -v language=lua|c -v lines=N.
BEGIN {
    if (language == "c") print "struct call { const char *account; int skill; int priority; };\nextern int ask(const char *what, int least, int most);\nextern const char *query(const char *text, const char *account);\nextern int route(const char *target, int timeout);"
    else print "local M = {}"
    for (n = 0; n * 20 < lines; n++)
        if (language == "c") c(n); else lua(n)
    if (language == "lua") print "return M"
}
function lua(n) {
    print "function M.strategy_" n "(call)"
    print "    local account = ask(\"account_number\", 4, 12)"
    print "    if not account then return route(\"desk\", 20) end"
    print "    call.account = account"
    print "    local language = ask(\"language\", 1, 2)"
    print "    if language == \"2\" then"
    print "        call.skill = \"French\""
    print "    else"
    print "        call.skill = \"English\""
    print "    end"
    print "    local customer = query(\"select name, tier from customer where account = ?\", account)"
    print "    if customer and customer.tier == \"gold\" then"
    print "        call.priority = call.priority + " n % 100
    print "    end"
    print "    for try = 1, 3 do"
    print "        local who = select(\"service\", call.skill, 8 - try, try * 20)"
    print "        if who and route(who, 15) then return true end"
    print "    end"
    print "    return route(\"desk_\" .. call.skill, 20)"
    print "end"
}
function c(n) {
    print "int strategy_" n "(struct call *call)"
    print "{"
    print "    int account = ask(\"account_number\", 4, 12);"
    print "    if (!account) return route(\"desk\", 20);"
    print "    int language = ask(\"language\", 1, 2);"
    print "    if (language == 2) {"
    print "        call->skill = 1;"
    print "    } else {"
    print "        call->skill = 2;"
    print "    }"
    print "    const char *customer = query(\"select name, tier from customer where account = ?\", call->account);"
    print "    if (customer && customer[0] == 'g') {"
    print "        call->priority = call->priority + " n % 100 ";"
    print "    }"
    print "    for (int try = 1; try <= 3; try++) {"
    print "        int who = ask(\"service\", call->skill, 8 - try);"
    print "        if (who && route(call->account, 15)) return 1;"
    print "    }"
    print "    return route(\"desk\", 20);"
    print "}"
}
