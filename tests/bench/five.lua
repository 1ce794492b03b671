-- The twin of five.gcx as a Lua programmer writes it: a coroutine an interaction, a table a request. Lua 5.4 and LuaJIT.
-- Prints strategies a second, a line a run. Usage: five.lua RUNS COUNT
local runs, count = tonumber(arg[1]), tonumber(arg[2])
local yield, create, resume = coroutine.yield, coroutine.create, coroutine.resume
local skills = {en = "skill en", fr = "skill fr", de = "skill de", nl = "skill nl"}

local function five(call)
    local attached = call.attached
    local answer = yield({step = "ivr.digits", prompt = "account_number", max = 10})
    attached.account = answer.digits
    answer = yield({step = "ivr.menu", prompt = "main", keys = {["1"] = "sales", ["2"] = "service"}})
    attached.choice = answer.value
    answer = yield({step = "query", source = "customers", account = attached.account})
    local row = answer.row
    if not row then return yield({step = "route", to = "desk"}) end
    attached.segment = row.segment
    attached.language = skills[row.language] or "skill en"
    if attached.segment == "gold" then call.priority = 9
    elseif attached.segment == "silver" then call.priority = 5
    else call.priority = 1 end
    attached.note = attached.segment .. " " .. attached.choice
    answer = yield({step = "select", vq = "service", skill = attached.language, level = 8})
    return yield({step = "route", to = answer.target})
end

local accounts = {}
for i = 0, 4095 do accounts[i] = string.format("%010d", i) end
local segments, languages = {"gold", "silver", "basic"}, {"fr", "en", "de", "nl"}
local function run(n)
    local routed = 0
    for i = 1, n do
        local call = {id = i, attached = {}, priority = 0}
        local strategy = create(five)
        resume(strategy, call)
        resume(strategy, {digits = accounts[i % 4096]})
        resume(strategy, {value = "service"})
        resume(strategy, {row = {segment = segments[i % 3 + 1], language = languages[i % 4 + 1]}})
        local _, request = resume(strategy, {target = 17})
        resume(strategy, {established = true})
        if request.step == "route" and #call.attached.account == 10 then routed = routed + 1 end
    end
    assert(routed == n)
end

run(math.floor(count / 10))
for _ = 1, runs do
    collectgarbage()
    local before = os.clock()
    run(count)
    print(string.format("%.0f", count / (os.clock() - before)))
end
