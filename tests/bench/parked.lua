-- The twin of a parked five.gcx: bytes of one coroutine with five attached values that waits for an agent.
local count = tonumber(arg[1])
local yield, create, resume = coroutine.yield, coroutine.create, coroutine.resume
local function five(call)
    local attached = call.attached
    attached.account = yield({step = "ivr.digits"}).digits
    attached.choice = yield({step = "ivr.menu"}).value
    local row = yield({step = "query", account = attached.account}).row
    attached.segment, attached.language = row.segment, row.language
    attached.note = attached.segment .. " " .. attached.choice
    yield({step = "select", vq = "service", skill = attached.language, level = 8})
end
local parked = {}
for i = 1, count do parked[i] = false end
collectgarbage() collectgarbage()
local before = collectgarbage("count")
for i = 1, count do
    local call = {id = i, ani = string.format("+3314%07d", i), dnis = "1800", attached = {}, priority = 0}
    local strategy = create(five)
    resume(strategy, call)
    resume(strategy, {digits = string.format("%010d", i)})
    resume(strategy, {value = "service"})
    resume(strategy, {row = {segment = "gold", language = "fr"}})
    parked[i] = {call, strategy}
end
collectgarbage() collectgarbage()
print(string.format("%.0f", (collectgarbage("count") - before) * 1024 / count))
