/* tests/unit/sim_sites.c - The invariants hold after every event of random sites: random strategies of random
 * selections, random agents with shifts, breaks and rules of capacity, random callers of several media.
 *
 * SITES_EVENTS of the environment: so many events in all; else 100,000, under the sanitizers a tenth of it. SITE: that
 * one alone, and its source is printed. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/sim/simulation.h"
#include "vm/image.h"

#ifdef VM_CHECKED
enum { EVENTS = 10 * 1000 };
#else
enum { EVENTS = 100 * 1000 };
#endif
enum {
    STRATEGIES = 3,
    TEAMS = 4,
    SKILLS_MAX = 5,
    GROUPS_MAX = 3,
    VQS_MAX = 3,
    SHIFTS_MAX = 4,
    MEDIA = 3,
    CAPACITIES = 3,
    SECONDS = 1800
};

TestSuite(sim_sites, .timeout = 3600);

static const char *from_environment(const char *name, const char *absent)
{
    const char *value = getenv(name);
    return !value ? absent : value;
}

/* ---- a site ---- */

struct site {
    struct draws draws;
    FILE *source;
    unsigned skills, groups, vqs;
};

static unsigned below(struct site *site, unsigned most)
{
    return (unsigned)(draws_unit(&site->draws) * most);
}

static bool chance(struct site *site, unsigned percent)
{
    return below(site, 100) < percent;
}

static void say(struct site *site, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct site *site, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(site->source, format, arguments);
    va_end(arguments);
}

static void say_names(struct site *site, const char *kind, const char *letter, unsigned count)
{
    say(site, "    %s", kind);
    for (unsigned i = 0; i < count; i++) say(site, "%s %s%u", i == 0 ? "" : ",", letter, i);
    say(site, ";\n");
}

static const char *const media[] = {"voice", "chat", "email"};

/* A rule of capacity: so many of some of the media, and pairs that do not go together or of which one interrupts the
 * other. */
static void say_capacity(struct site *site, unsigned number)
{
    bool takes[MEDIA];
    say(site, "    capacity k%u {", number);
    for (unsigned i = 0; i < MEDIA; i++) {
        takes[i] = i == number % MEDIA || chance(site, 70);
        if (takes[i]) say(site, " %s %u;", media[i], 1 + below(site, 3));
    }
    for (unsigned i = 0; i < MEDIA; i++)
        for (unsigned other = 0; other < MEDIA; other++)
            if (i != other && takes[i] && takes[other] && chance(site, 50))
                say(site, " %s %s %s;", media[i], chance(site, 50) ? "blocks" : "interrupts", media[other]);
    say(site, " }\n");
}

/* A condition of an agent. */
static void say_term(struct site *site, unsigned depth)
{
    unsigned kind = below(site, depth == 0 ? 4 : 7);
    if (kind < 2) {
        say(site, "skill s%u %s %u", below(site, site->skills), kind == 0 ? ">=" : "<", 1 + below(site, 9));
    } else if (kind == 2) {
        say(site, "skill[wanted] >= %u", 1 + below(site, 5));
    } else if (kind == 3) {
        say(site, "group g%u", below(site, site->groups));
    } else {
        say(site, kind == 6 ? "not (" : "(");
        say_term(site, depth - 1);
        if (kind != 6) say(site, kind == 4 ? " and " : " or ");
        if (kind != 6) say_term(site, depth - 1);
        say(site, ")");
    }
}

/* A condition of the site. */
static void say_condition(struct site *site)
{
    switch (below(site, 6)) {
    case 0:
        say(site, "ready(group g%u) < %u", below(site, site->groups), 1 + below(site, 3));
        break;
    case 1:
        say(site, "occupancy(group g%u) > %u%%", below(site, site->groups), 10 + below(site, 90));
        break;
    case 2:
        say(site, "abandonment(vq v%u) > %u%%", below(site, site->vqs), 5 + below(site, 50));
        break;
    case 3:
        say(site, "vq v%u.waiting > %u", below(site, site->vqs), below(site, 6));
        break;
    case 4:
        say(site, "%scrowded", chance(site, 50) ? "not " : "");
        break;
    default:
        say(site, "waited_long(vq v%u) > %us", below(site, site->vqs), 5 + below(site, 60));
        break;
    }
}

static void say_lines(struct site *site, bool shares)
{
    unsigned after_s = 0, lines = 1 + below(site, 4);
    say(site, "{ ");
    for (unsigned i = 0; i < lines; i++) {
        if (i > 0 && chance(site, 70)) say(site, "after %us: ", after_s += 1 + below(site, 20));
        say_term(site, 2);
        if (shares) say(site, " share %u%%", 1 + below(site, 100 / lines));
        if (chance(site, 30)) say(site, " where "), say_condition(site);
        say(site, "; ");
    }
    say(site, "}");
}

static void say_order(struct site *site)
{
    unsigned skill = below(site, site->skills), other = below(site, site->skills);
    switch (below(site, 7)) {
    case 0:
        say(site, " by round_robin");
        break;
    case 1:
        say(site, " by random");
        break;
    case 2:
        say(site, " by highest_level(skill s%u)", skill);
        break;
    case 3:
        say(site, " by max(skill s%u + skill s%u)", skill, other);
        break;
    case 4:
        say(site, " by min(skill[wanted])");
        break;
    default:
        break;
    }
}

static void say_selection(struct site *site, unsigned number)
{
    bool connects = chance(site, 50), shares = chance(site, 20);
    if (connects)
        say(site, "    connect in vq v%u ", below(site, site->vqs));
    else
        say(site, "    let who%u = select in vq v%u ", number, below(site, site->vqs));
    say_lines(site, shares);
    if (!shares) say_order(site);
    if (chance(site, 15)) say(site, " preview %us", 2 + below(site, 10));
    if (connects) say(site, " answer %us", 2 + below(site, 15));
    if (connects && chance(site, 60)) say(site, " exclude %us", 5 + below(site, 100));
    say(site, " timeout %us", 10 + below(site, 120));
    if (chance(site, 25)) say(site, " until "), say_condition(site);
    if (chance(site, 60)) {
        say(site, " busy { ivr.music(prompt hold, %us);", 2 + below(site, 30));
        if (!connects && chance(site, 30))
            say(site, " callback.keep_place(ani) answer %us tries %u pause %us else {};", 2 + below(site, 30),
                1 + below(site, 3), 1 + below(site, 40));
        say(site, " }");
    }
    say(site, " else goto l%u;\n", number);
    if (!connects) {
        say(site, "    route who%u answer %us else { exclude who%u for %us; };\n", number, 2 + below(site, 15), number,
            5 + below(site, 100));
        say(site, "    goto l%u;\n", number);
    }
    say(site, "    l%u: ivr.say(\"One moment.\");\n", number);
}

static void say_strategy(struct site *site, unsigned number)
{
    say(site, "strategy c%u on voice {\n    let wanted = skill s%u;\n", number, below(site, site->skills));
    say(site, "    if sample(%u%%) { wanted = skill s%u; }\n", 1 + below(site, 99), below(site, site->skills));
    if (chance(site, 40)) say(site, "    if sample(30%%) { priority += %u; }\n", 1 + below(site, 50));
    if (chance(site, 40)) say(site, "    priority += %u every %us to 60;\n", 1 + below(site, 5), 1 + below(site, 20));
    for (unsigned i = 0, count = 1 + below(site, 3); i < count; i++) say_selection(site, i);
    say(site, "    route queue desk;\n    on abandoned {}\n}\n");
}

static char *source_of(struct site *site)
{
    char *text;
    size_t length;
    site->source = open_memstream(&text, &length);
    cr_assert(site->source);
    site->skills = 1 + below(site, SKILLS_MAX);
    site->groups = 1 + below(site, GROUPS_MAX);
    site->vqs = 1 + below(site, VQS_MAX);
    say(site,
        "site {\n    default timeout 10m;\n    default zone \"Europe/Paris\";\n    queue desk;\n    prompt hold;\n");
    say_names(site, "skill", "s", site->skills);
    say_names(site, "group", "g", site->groups);
    say_names(site, "vq", "v", site->vqs);
    for (unsigned i = 0; i < CAPACITIES; i++) say_capacity(site, i);
    say(site, "    statistic ready(group) = agents_ready;\n"
              "    statistic occupancy(group) = busy_time / login_time over 5m;\n"
              "    statistic abandonment(vq) = abandoned / offered over 10m;\n"
              "    statistic waited_long(vq) = longest_wait;\n");
    say(site, "    latch crowded = vq v0.waiting > %u until vq v0.waiting < %u;\n}\n", 1 + below(site, 6),
        1 + below(site, 3));
    for (unsigned i = 0; i < STRATEGIES; i++) say_strategy(site, i);
    fclose(site->source);
    return text;
}

static struct image *image_of(const char *text)
{
    char path[] = "/tmp/gcx-site-XXXXXX", command[2000];
    const char *folder = mkdtemp(path);
    static uint8_t bytes[1024 * 1024];
    struct error error = {0};
    cr_assert(folder);
    (void)snprintf(command, sizeof command, "%s/site.gcx", folder);
    FILE *file = fopen(command, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
    (void)snprintf(command, sizeof command, "'%s/gcxc' build '%s/site.gcx' -o '%s/site.gcxb' 2>'%s/said'",
                   from_environment("top_builddir", "."), folder, folder, folder);
    bool built = system(command) == 0;
    (void)snprintf(command, sizeof command, "%s/site.gcxb", folder);
    file = built ? fopen(command, "r") : NULL;
    size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file) fclose(file);
    (void)snprintf(command, sizeof command, "%s '%s/said' >&2; rm -r '%s'", built ? ":" : "cat", folder, folder);
    if (system(command) != 0) built = false;
    struct image *image = built ? image_load(bytes, length, &error) : NULL;
    cr_assert(image, "%s\n%s", error.text, text);
    return image;
}

/* ---- who is there and who calls ---- */

struct people {
    struct simulation_plan plan;
    struct simulation_flow flows[STRATEGIES];
    struct simulation_agents agents[TEAMS];
    struct simulation_skill skills[TEAMS][SKILLS_MAX];
    char groups[TEAMS][GROUPS_MAX][SIMULATION_NAME + 1];
    struct simulation_shift shifts[TEAMS][SHIFTS_MAX];
    char teams[1][SIMULATION_NAME + 1];
};

static void give_times(struct site *site, struct spread *spread)
{
    static const char *const times[] = {"0s", "2s", "exponential(8s)", "uniform(1s, 20s)"};
    struct error error = {0};
    cr_assert(spread_read(spread, times[below(site, 4)], &error), "%s", error.text);
}

/* A shift of a random part of the time that is played, or a break in it. */
static void give_shift(struct site *site, const struct people *people, struct simulation_agents *agents)
{
    double from_us = below(site, SECONDS) * 1e6, us = (1 + below(site, SECONDS)) * 1e6;
    agents->shifts[agents->shift_count++] = (struct simulation_shift){
        people->plan.origin_us + from_us, people->plan.origin_us + from_us + us, chance(site, 50)};
}

static void give_agents(struct site *site, struct people *people, unsigned number)
{
    struct simulation_agents *agents = &people->agents[number];
    agents->count = 1 + below(site, 5);
    if (chance(site, 60)) (void)snprintf(agents->capacity, sizeof agents->capacity, "k%u", below(site, CAPACITIES));
    agents->skills = people->skills[number];
    agents->groups = people->groups[number];
    agents->shifts = people->shifts[number];
    for (unsigned i = 0; i < site->skills; i++) {
        struct simulation_skill *skill = &agents->skills[agents->skill_count];
        skill->level = 1 + below(site, 10);
        (void)snprintf(skill->name, sizeof skill->name, "s%u", i);
        agents->skill_count += chance(site, 60);
    }
    for (unsigned i = 0; i < site->groups; i++) {
        (void)snprintf(agents->groups[agents->group_count], sizeof *agents->groups, "g%u", i);
        agents->group_count += chance(site, 40);
    }
    for (unsigned i = chance(site, 50) ? 0 : 1 + below(site, SHIFTS_MAX); i > 0; i--) give_shift(site, people, agents);
}

static void give_flow(struct site *site, struct people *people, unsigned number)
{
    struct simulation_flow *flow = &people->flows[number];
    struct error error = {0};
    char rate[20];
    (void)snprintf(flow->strategy, sizeof flow->strategy, "c%u", number);
    flow->medium = (enum media[]){media_voice, media_chat, media_email}[below(site, MEDIA)];
    (void)snprintf(rate, sizeof rate, "%u/h", 40 + below(site, 400));
    cr_assert(arrivals_read(&flow->arrivals, rate, &error) &&
              spread_read(&flow->handling, "exponential(40s)", &error) &&
              spread_read(&flow->patience, chance(site, 30) ? "never" : "exponential(20s)", &error));
}

/* Plays the site of that number; its events. */
static uint64_t play(unsigned long number, bool shown)
{
    struct site site = {.draws = draws_of(17, 0, number)};
    struct people people = {.plan = {.switching = {.kind = SPREAD_constant},
                                     .until_us = UINT64_C(1000000) * SECONDS,
                                     .within_us = 20000000,
                                     .start_us = 1704103200000000,
                                     .origin_us = 36000e6,
                                     .checked = true,
                                     .flow_count = STRATEGIES,
                                     .agents_count = TEAMS,
                                     .team_count = 1}};
    struct simulation_result result = {0};
    struct error error = {0};
    char *source = source_of(&site);
    if (shown) fputs(source, stderr);
    struct image *image = image_of(source);
    people.plan.flows = people.flows;
    people.plan.agents = people.agents;
    people.plan.teams = people.teams;
    give_times(&site, &people.plan.ringing);
    give_times(&site, &people.plan.wrap_up);
    give_times(&site, &people.plan.called_back);
    for (unsigned i = 0; i < STRATEGIES; i++) give_flow(&site, &people, i);
    for (unsigned i = 0; i < TEAMS; i++) give_agents(&site, &people, i);
    cr_expect(simulation_play(&people.plan, image, number, NULL, &result, &error), "SITE=%lu: %s", number, error.text);
    cr_expect(result.agrees, "SITE=%lu: the core counts its virtual queues otherwise", number);
    uint64_t events = result.events;
    simulation_result_free(&result);
    for (unsigned i = 0; i < STRATEGIES; i++) arrivals_free(&people.flows[i].arrivals);
    image_free(image);
    free(source);
    return events;
}

Test(sim_sites, invariants_hold_after_every_event)
{
    const char *one = getenv("SITE");
    uint64_t wanted = strtoull(from_environment("SITES_EVENTS", "0"), NULL, 10), events = 0;
    unsigned long number = 0;
    if (one) {
        play(strtoul(one, NULL, 10), true);
        return;
    }
    if (wanted == 0) wanted = EVENTS;
    for (; events < wanted; number++) events += play(number, false);
    if (getenv("SITES_EVENTS")) fprintf(stderr, "%lu sites, %llu events\n", number, (unsigned long long)events);
}
