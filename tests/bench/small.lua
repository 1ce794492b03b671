-- tests/bench/small.lua - The twins of small.gcx and segment.awk's strategy, as a Lua programmer writes them.
-- Prints ns each and the sum of 1,000. Usage: small.lua NAME COUNT PREFIXES
local name, count, prefixes = arg[1], tonumber(arg[2]), arg[3]

local function step(a, b) return (a * 3 + b) % 1000003 end
local function loop()
    local x = 1
    for i = 1, 1000 do x = step(x, i) end
    return x
end

local function call(age, waited, value, fails, visits, debt, language, tier, product)
    return {age = age, waited = waited, value = value, fails = fails, visits = visits, debt = debt,
            language = language, tier = tier, product = product}
end
local calls = {
    call(31, 410, 903, 1, 3, 12, "fr", "gold", "loan"), call(77, 15, 204, 0, 9, 80, "en", "basic", "card"),
    call(45, 222, 611, 4, 1, 0, "de", "silver", "loan"), call(22, 59, 17, 2, 0, 44, "fr", "basic", "card"),
    call(63, 333, 450, 3, 20, 7, "nl", "gold", "card"), call(38, 90, 120, 0, 5, 91, "en", "silver", "loan"),
    call(54, 580, 777, 2, 12, 3, "fr", "silver", "loan"), call(19, 5, 8, 1, 2, 60, "de", "basic", "card")}
local function grade(c)
    local s = c.age * 2 + c.waited * 3 + c.value * 5 + c.fails * 40 + c.visits * 7 - c.debt * 4
    if c.language == "fr" then s = s + 100 end
    if c.tier == "gold" then s = s + 500 end
    if c.product == "loan" then s = s + 50 end
    if s > 6000 then return 1 elseif s > 4500 then return 2 elseif s > 3000 then return 3
    elseif s > 1500 then return 4 elseif s > 500 then return 5 end
    return 6
end
local function score()
    local sum = 0
    for i = 0, 999 do sum = sum + grade(calls[i % 8 + 1]) end
    return sum
end

local function attaching()
    local length = 0
    for i = 0, 999 do
        local a = {}
        a.number = "0612345678"
        a.tier, a.language, a.intent, a.line = "gold", "fr", "loan", "q7"
        a.note = a.number .. "|" .. a.tier .. "|" .. a.language .. "|" .. a.intent .. "|" .. a.line
        length = #a.note
    end
    return length
end

local targets, numbers = {}, {}
for line in prefixes and io.lines(prefixes) or function() end do
    local digits, target = line:match("(%d+) (%d+)")
    if target == "0" then numbers[#numbers + 1] = digits else targets[digits] = tonumber(target) end
end
local sub = string.sub
local function weight(number)
    for long = 7, 3, -1 do
        local target = targets[sub(number, 1, long)]
        if target then return 10 + target end
    end
    return 9
end
local function segments()
    local sum = 0
    for i = 0, 999 do sum = sum + weight(numbers[i % 16 + 1]) end
    return sum
end

local run = ({loop = loop, score = score, attaching = attaching, segments = segments})[name]
local sum = run()
local before = os.clock()
for _ = 1, count do sum = run() end
print(string.format("%.2f %d", (os.clock() - before) / count * 1e6, sum))
