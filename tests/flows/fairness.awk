# tests/flows/fairness.awk - The chain of the W design: two queues and three pools of agents, one for the first queue, one
# for the second one, and one that takes from both, from one of them first. A caller goes to the pool of the own queue
# before that for both. The N design has no second pool, and the V design has the third one alone.
#
# awk -v l1=CALLS -v l2=CALLS -v s1=AGENTS -v s2=AGENTS -v s3=AGENTS -v second_first=0 -v mean=SECONDS -v patience=SECONDS -f fairness.awk
#   l1, l2        calls per hour; times are exponential
#   second_first  1: who takes from both takes from the second queue first
# Prints the stationary figures, one a line: the mean wait of all, the part that abandons and the part that waits at all of
# both queues, and how busy each pool is. States are numbered, and swept (Gauss and Seidel) until nothing changes.

function state(a, b, c, x, y) { return (((a * (s2 + 1) + b) * (s3 + 1) + c) * (most + 1) + x) * (most + 1) + y }

# The state leads to that other one at that rate.
function leads(a, b, c, x, y, rate) {
    if (rate <= 0 || x > most || y > most) return
    to = state(a, b, c, x, y)
    into[to] += 0
    from[to, into[to]] = now
    rates[to, into[to]++] = rate
    out[now] += rate
}

function moves(a, b, c, x, y) {
    now = state(a, b, c, x, y)
    all[count++] = now
    if (a < s1) leads(a + 1, b, c, x, y, first)
    else if (c < s3) leads(a, b, c + 1, x, y, first)
    else leads(a, b, c, x + 1, y, first)
    if (b < s2) leads(a, b + 1, c, x, y, second)
    else if (c < s3) leads(a, b, c + 1, x, y, second)
    else leads(a, b, c, x, y + 1, second)
    if (x > 0) leads(a, b, c, x - 1, y, a / mean); else leads(a - 1, b, c, x, y, a / mean)
    if (y > 0) leads(a, b, c, x, y - 1, b / mean); else leads(a, b - 1, c, x, y, b / mean)
    if (x > 0 && !(second_first && y > 0)) leads(a, b, c, x - 1, y, c / mean)
    else if (y > 0) leads(a, b, c, x, y - 1, c / mean)
    else leads(a, b, c - 1, x, y, c / mean)
    leads(a, b, c, x - 1, y, x / patience)
    leads(a, b, c, x, y - 1, y / patience)
}

BEGIN {
    most = 18 # so many wait in a queue; a longer one has no weight here
    first = l1 / 3600
    second = l2 / 3600
    for (a = 0; a <= s1; a++)
        for (b = 0; b <= s2; b++)
            for (c = 0; c <= s3; c++)
                for (x = 0; x <= (a == s1 && c == s3 && first > 0 ? most : 0); x++)
                    for (y = 0; y <= (b == s2 && c == s3 && second > 0 ? most : 0); y++) moves(a, b, c, x, y)
    for (i = 0; i < count; i++) chance[all[i]] = 1 / count
    do {
        change = sum = 0
        for (i = 0; i < count; i++) {
            s = all[i]
            flow = 0
            for (n = 0; n < into[s]; n++) flow += chance[from[s, n]] * rates[s, n]
            next_one = flow / out[s]
            change += next_one > chance[s] ? next_one - chance[s] : chance[s] - next_one
            sum += chance[s] = next_one
        }
    } while (change > 1e-7 * sum)
    for (a = 0; a <= s1; a++)
        for (b = 0; b <= s2; b++)
            for (c = 0; c <= s3; c++)
                for (x = 0; x <= most; x++)
                    for (y = 0; y <= most; y++) {
                        s = state(a, b, c, x, y)
                        if (!(s in chance)) continue
                        p = chance[s] / sum
                        waits1 += x * p; waits2 += y * p
                        late1 += (a == s1 && c == s3) * p; late2 += (b == s2 && c == s3) * p
                        busy1 += a * p; busy2 += b * p; busy3 += c * p
                    }
    if (first > 0) printf "sales mean %.6f\nsales abandonment %.6f\nsales delayed %.6f\n", waits1 / first, waits1 / patience / first, late1
    if (second > 0) printf "service mean %.6f\nservice abandonment %.6f\nservice delayed %.6f\n", waits2 / second, waits2 / patience / second, late2
    if (s1 > 0) printf "own_sales occupancy %.6f\n", busy1 / s1
    if (s2 > 0) printf "own_service occupancy %.6f\n", busy2 / s2
    if (s3 > 0) printf "both occupancy %.6f\n", busy3 / s3
}
