/* compiler/scenario/scenario.c - Tests and their lines. A line becomes one object; `after` only moves it in time. */
#include "compiler/scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/near.h"
#include "compiler/check/zone.h"
#include "compiler/scenario/maker.h"
#include "runtime/vocabulary/scenario_limits.h"

static const int64_t START_LOCAL_US = INT64_C(1704103200000000); /* Monday 2024-01-01 10:00 */

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static uint32_t line_of(const struct maker *maker, const struct node *node)
{
    return source_set_position(maker->program->sources, node->span.begin).line;
}

/* The names that a test makes, entered in front. */
static void add_name(struct maker *maker, struct named **list, struct word name, const struct node *node)
{
    struct named *named = ARENA_NEW(maker->arena, struct named);
    *named = (struct named){name, node, *list};
    *list = named;
}

static bool is_word(const struct node *node, const char *text)
{
    return node && node->kind == NODE_NAME && strcmp(node->name.name.text, text) == 0;
}

static void not_understood(struct maker *maker, const struct node *node, const char *known)
{
    diag_hint(diag_report(maker->diags, TEST_WORD, node->span), "%s", known);
    maker->lost = true;
}

/* The value after a word of a line; false and reported where none follows. Steps over it. */
static bool following(struct maker *maker, const struct node **part, const char *wants)
{
    const struct node *word = *part;
    *part = word->next;
    if (*part) return true;
    diag_report(maker->diags, TEST_WANTS, word->span, wants);
    maker->lost = true;
    return false;
}

static void set_duration(struct maker *maker, json_t *object, const char *key, const struct node **part)
{
    int64_t us;
    if (following(maker, part, "a duration") && limited_duration(maker, *part, &us)) set(object, key, json_integer(us));
}

static void set_integer(struct maker *maker, json_t *object, const char *key, const char *what,
                        const struct node **part)
{
    int64_t number;
    if (following(maker, part, "a number") && limited_integer(maker, *part, SCENARIO_OFFERS_MAX, what, &number))
        set(object, key, json_integer(number));
}

static void set_times(struct maker *maker, json_t *object, const struct node **part)
{
    int64_t times;
    if (!following(maker, part, "a number") || !value_integer(maker, *part, &times)) return;
    count_arrivals(maker, *part, times);
    set(object, "times", json_integer(times));
}

enum { TEXT_MAX_BYTES = 4096 }; /* of a subject or message, which are only checked */

/* As long as what plays the test takes it. */
static const char *set_text(struct maker *maker, json_t *object, const char *key, int most, const struct node **part)
{
    const char *text;
    if (!following(maker, part, "a text") || !value_text(maker, *part, &text)) return NULL;
    limited_text(maker, text, (*part)->span, (size_t)most);
    set(object, key, json_string(text));
    return text;
}

/* Where somebody or something is reached. */
static const char *set_number(struct maker *maker, json_t *object, const char *key, const struct node **part)
{
    const char *text = set_text(maker, object, key, SCENARIO_NAME_MAX, part);
    if (text && !*text) diag_report(maker->diags, TEST_NUMBER, (*part)->span);
    return text && *text ? text : NULL;
}

/* agent marie (French: 9) in group people ready handles 4m; */
static json_t *agent_skills(struct maker *maker, struct nodes arguments)
{
    json_t *skills = json_object();
    for EACH_NODE (arg, arguments) {
        int64_t level = 0;
        struct word skill = arg->arg.name;
        if (skill.text) skill = names_kind_bound(maker, KIND_SKILL, skill);
        if (!skill.text) {
            diag_report(maker->diags, TEST_WANTS, arg->span, "skills with their levels, (French: 9)");
            continue;
        }
        names_kind(maker, KIND_SKILL, skill);
        if (!value_integer(maker, arg->arg.value, &level)) continue;
        if (level < 1 || level > 100) diag_report(maker->diags, TEST_LEVEL, arg->arg.value->span);
        set(skills, skill.text, json_integer(level));
    }
    return skills;
}

/* In groups, all of which are said with it; at a place. */
static void agent_in(struct maker *maker, json_t *object, const struct node *in)
{
    json_t *groups = json_array();
    limited_list(maker, in->test_in.names, "groups");
    for EACH_NODE (name, in->test_in.names) {
        enum name_kind kind = name->kind_name.kind;
        struct word word = names_kind_bound(maker, kind, name->kind_name.name);
        const char *text = word.text;
        if (kind != KIND_GROUP && kind != KIND_PLACE)
            diag_report(maker->diags, TEST_WANTS, name->span, "a group or a place");
        else
            names_kind(maker, kind, word);
        if (kind == KIND_PLACE)
            set(object, "place", json_string(text));
        else
            json_array_append_new(groups, json_string(text));
    }
    if (json_array_size(groups) != 0)
        set(object, "groups", groups);
    else
        json_decref(groups);
}

/* The strategy for consultations, where there is one only. */
static const char *only_consulted(const struct maker *maker)
{
    const char *found = NULL;
    uint32_t count = 0;
    for EACH_NODE (file, maker->program->files)
        for EACH_NODE (strategy, file->file.declarations) {
            if (strategy->kind != NODE_STRATEGY) continue;
            for EACH_NODE (medium, strategy->strategy.media) {
                const char *word = node_dotted(maker->arena, medium);
                if (!word || strcmp(word, "voice.consult")) continue;
                found = strategy->strategy.name.text;
                count++;
            }
        }
    return count == 1 ? found : NULL;
}

static void agent_word(struct maker *maker, json_t *object, const struct node **part)
{
    static const char *const states[] = {"ready", "busy", "not_ready", "logged_out"};
    const struct node *word = *part;
    if (word->kind == NODE_TEST_CAPACITY) {
        capacity_given(maker, word);
        return;
    }
    if (word->kind == NODE_TEST_IN) {
        agent_in(maker, object, word);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (!is_word(word, states[i])) continue;
        set(object, "state", json_string(states[i]));
        if (word->next && word->next->kind == NODE_DURATION) set_duration(maker, object, "state_for_us", part);
        return;
    }
    if (is_word(word, "no_answer"))
        set_integer(maker, object, "no_answer", "how often it rings in vain", part);
    else if (is_word(word, "declines"))
        set_integer(maker, object, "declines", "how often is declined", part);
    else if (is_word(word, "transfers_to")) {
        const char *number = set_number(maker, object, "transfers_to", part);
        const char *strategy = only_consulted(maker);
        if (strategy)
            set(object, "transfers_strategy", json_string(strategy));
        else if (number)
            add_name(maker, &maker->consulted, (struct word){number, (*part)->span}, *part);
    }
    else if (is_word(word, "handles"))
        set_duration(maker, object, "handles_us", part);
    else if (is_word(word, "answers"))
        set_duration(maker, object, "answers_us", part);
    else
        not_understood(maker, word,
                       "ready, busy, not_ready, logged_out, in group, no_answer, declines, handles, answers, capacity, "
                       "transfers_to");
}

static json_t *agent_json(struct maker *maker, const struct node *node, bool first_time)
{
    json_t *object = json_pack("{s:s, s:s}", "do", "agent", "name", node->test_set.name.text);
    if (node->test_set.arguments.count > 0 || first_time)
        set(object, "skills", agent_skills(maker, node->test_set.arguments));
    for (const struct node *part = node->test_set.words.first; part && !maker->lost; part = part ? part->next : NULL)
        agent_word(maker, object, &part);
    return object;
}

/* agent ...; queue desk unreachable; */
static json_t *actor_json(struct maker *maker, const struct node *node)
{
    struct word name = node->test_set.name;
    if (node->test_set.kind == KIND_AGENT) {
        bool known = false;
        for (const struct named *agent = maker->agents; agent; agent = agent->next)
            known = known || agent->name.text == name.text;
        if (!known) {
            limited_name(maker, name);
            add_name(maker, &maker->agents, name, NULL);
        }
        return agent_json(maker, node, !known);
    }
    const struct node *word = node->test_set.words.first;
    if (node->test_set.kind != KIND_QUEUE || node->test_set.arguments.count > 0) {
        diag_report(maker->diags, TEST_ACTOR, node->span, kind_word(node->test_set.kind));
        return json_null();
    }
    names_kind(maker, KIND_QUEUE, name);
    bool known = node->test_set.words.count == 1 && (is_word(word, "unreachable") || is_word(word, "reachable"));
    if (!known) not_understood(maker, word ? word : node, "unreachable or reachable");
    return json_pack("{s:s, s:s, s:s}", "do", "queue", "name", name.text, "state", known ? word->name.name.text : "");
}

static json_t *data_json(struct maker *maker, struct nodes arguments)
{
    json_t *data = json_object();
    for EACH_NODE (arg, arguments) {
        struct word key = arg->arg.name;
        if (!key.text) {
            diag_report(maker->diags, TEST_WANTS, arg->span, "keys with their values, (account: \"4711\")");
            continue;
        }
        const struct node *declared = names_key(maker, key.text);
        const char *near = declared ? NULL : names_near_key(maker, key.text, false);
        if (near)
            diag_did_you_mean(diag_report(maker->diags, UNKNOWN_NAME, key.span, key.text), near, (struct span){0, 0});
        bool typed = declared && maker->strategy && value_meant(maker, arg->arg.value)->kind != NODE_NONE;
        set(data, key.text, value_typed(maker, arg->arg.value, typed ? declared->field.type->type : NULL));
    }
    return data;
}

/* The medium of an arrival's first word; NULL: it is none. What follows a point in a medium begins by itself. */
static const char *arrival_medium(const char *verb)
{
    if (!strcmp(verb, "call")) return "voice";
    return strcmp(verb, "voice") && !strchr(verb, '.') && media_bit(verb) ? verb : NULL;
}

/* Does the strategy run on it, or on what comes of it, as a consultation does of a call? */
static void check_medium_of(struct maker *maker, const struct node *name, const char *medium)
{
    size_t length = strlen(medium);
    if (!maker->strategy) return;
    for EACH_NODE (media, maker->strategy->strategy.media) {
        const char *word = node_dotted(maker->arena, media);
        if (word && !media_bit(word)) return; /* reported */
        if (word && !strncmp(word, medium, length) && (!word[length] || word[length] == '.')) return;
    }
    diag_note(diag_report(maker->diags, TEST_MEDIUM, name->span, name->name.name.text, medium),
              maker->strategy->strategy.name.span, "declared here");
}

static bool is_titled(const char *medium)
{
    return (media_bit(medium) & media_set(MEDIA_TITLED)) != 0;
}

static bool is_dialled(const char *medium)
{
    return (media_bit(medium) & media_set(MEDIA_CONTACT)) != 0;
}

static void arrival_part(struct maker *maker, json_t *object, const struct node **part, const char *medium)
{
    const struct node *word = *part;
    if (is_word(word, "from"))
        set_text(maker, object, "from", SCENARIO_ADDRESS_MAX, part);
    else if (is_word(word, "to"))
        set_number(maker, object, "to", part);
    else if (is_word(word, "main"))
        set_text(maker, object, "main", SCENARIO_ADDRESS_MAX, part);
    else if (is_word(word, "times"))
        set_times(maker, object, part);
    else if (is_word(word, "every"))
        set_duration(maker, object, "every_us", part);
    else if (is_word(word, "hangs_up"))
        set_duration(maker, object, "hangs_up_us", part);
    else if (is_word(word, "answers"))
        set_duration(maker, object, "answers_us", part);
    else if (is_word(word, "with") && word->next && word->next->kind == NODE_TEST_WITH) {
        *part = word->next;
        set(object, "data", data_json(maker, word->next->test_with.arguments));
    } else if (is_word(word, "number") && is_dialled(medium)) {
        set_text(maker, object, "number", SCENARIO_ADDRESS_MAX, part);
    } else if (is_word(word, "zone") && is_dialled(medium)) {
        set_text(maker, object, "zone", SCENARIO_NAME_MAX, part);
    } else if (is_word(word, "subject") && is_titled(medium)) {
        set_text(maker, object, "subject", TEXT_MAX_BYTES, part);
    } else if (is_word(word, "as") && word->next && word->next->kind == NODE_NAME) {
        const struct word as = word->next->name.name;
        not_understood(maker, word, arena_printf(maker->arena, "a name stands before it: let %s = ...", as.text));
        add_name(maker, &maker->arrivals, as, maker->strategy);
    } else {
        const char *known = "from, to, with (key: value), times, every, hangs_up, answers, main";
        const char *more = is_titled(medium) ? "subject, " : is_dialled(medium) ? "number, zone, " : "";
        not_understood(maker, word, arena_printf(maker->arena, "%s%s", more, known));
    }
}

static json_t *items_json(struct maker *, struct nodes items, bool own);

/* call enterprise from "+33..." to "1800" { its own answers } */
static json_t *arrival_json(struct maker *maker, const struct node *node)
{
    const char *medium = arrival_medium(node->test_happening.verb.text);
    json_t *object = json_pack("{s:s, s:s}", "do", "arrive", "media", medium);
    const struct node *name = node->test_happening.parts.first;
    if (!name || name->kind != NODE_NAME) {
        diag_report(maker->diags, TEST_WANTS, node->test_happening.verb.span, "the name of a strategy");
        return object;
    }
    maker->strategy = names_strategy(maker, name->name.name);
    check_medium_of(maker, name, medium);
    set(object, "strategy", json_string(name->name.name.text));
    struct word as = node->test_happening.as;
    if (as.text) {
        limited_name(maker, as);
        add_name(maker, &maker->arrivals, as, maker->strategy);
    }
    set(object, "as", as.text ? json_string(as.text) : json_null());
    const struct node *part = name->next, *with = part && part->kind == NODE_TEST_WITH ? part : NULL;
    if (maker->strategy && (with || maker->strategy->strategy.params.count)) {
        struct nodes arguments = with ? with->test_with.arguments : (struct nodes){0};
        set(object, "given", given_json(maker, maker->strategy, arguments, name->span));
    }
    const struct node *behind = name->next; /* the strategy's name left out, or its verb there twice */
    bool value = behind && behind->kind != NODE_NAME && behind->kind != NODE_TEST_WITH;
    bool swapped = !maker->strategy && (value || is_word(name, "from") || is_word(name, "to") ||
                                        is_word(name, node->test_happening.verb.text));
    for (part = with ? with->next : part; part && !maker->lost && !swapped; part = part ? part->next : NULL)
        arrival_part(maker, object, &part, medium);
    if (!json_object_get(object, "times")) count_arrivals(maker, name, 1);
    set(object, "items", items_json(maker, node->test_happening.items, true));
    return object;
}

/* caller hangs_up; caller enters "1"; calls hangs_up; */
static json_t *caller_json(struct maker *maker, const struct node *node, bool named)
{
    const struct node *part = node->test_happening.parts.first;
    json_t *object = json_pack("{s:s}", "do", "caller");
    set(object, "of", named ? json_string(node->test_happening.verb.text) : json_null());
    if (is_word(part, "hangs_up")) {
        set(object, "what", json_string("hangs_up"));
    } else if (is_word(part, "enters")) {
        set(object, "what", json_string("enters"));
        const char *digits = set_text(maker, object, "digits", SCENARIO_NAME_MAX, &part);
        if (digits) limited_digits(maker, digits, part->span);
    } else if (is_word(part, "transfers")) {
        set(object, "what", json_string("transfers"));
    } else if (is_word(part, "writes")) {
        set(object, "what", json_string("writes"));
        set_text(maker, object, "text", TEXT_MAX_BYTES, &part);
    } else {
        not_understood(maker, part ? part : node, "hangs_up, enters \"1\", writes \"...\", or transfers");
    }
    if (part && part->next && !maker->lost) not_understood(maker, part->next, "nothing more belongs here");
    return object;
}

/* link cti down 10s; source crm down; */
static json_t *fault_json(struct maker *maker, const struct node *node, const char *what)
{
    const struct node *name = node->test_happening.parts.first, *down = name ? name->next : NULL;
    json_t *object = json_pack("{s:s}", "do", what);
    if (!name || name->kind != NODE_NAME || !is_word(down, "down")) {
        not_understood(maker, node, "a name, then down, then perhaps how long");
        return object;
    }
    if (strcmp(what, "source") == 0) names_source(maker, name->name.name);
    set(object, "name", json_string(name->name.name.text));
    set(object, "what", json_string("down"));
    if (down->next) set_duration(maker, object, "for_us", &down);
    return object;
}

/* `marie ready;`, `desk unreachable;`: whose kind was left out, as their words tell. */
static bool without_kind(const struct node *part, enum name_kind *kind)
{
    static const char *const of_agents[] = {"ready",    "busy",         "not_ready", "logged_out", "no_answer",
                                            "declines", "transfers_to", "handles",   "answers"};
    bool agent = part && (part->kind == NODE_TEST_WITH || part->kind == NODE_TEST_IN);
    for (size_t i = 0; i < sizeof of_agents / sizeof *of_agents; i++) agent = agent || is_word(part, of_agents[i]);
    *kind = agent ? KIND_AGENT : KIND_QUEUE;
    return agent || is_word(part, "unreachable") || is_word(part, "reachable");
}

/* What begins the line is no word of one. The names that it was to make are known from here on. */
static json_t *happens_not(struct maker *maker, const struct node *node)
{
    static const char *const words[] = {"agent", "queue", "call",   "caller", "customer", "main",
                                        "link",  "source", "seed", "expect", "query"};
    struct word verb = node->test_happening.verb;
    const struct node *part = node->test_happening.parts.first;
    struct diag *diag = diag_report(maker->diags, TEST_WORD, verb.span);
    enum name_kind kind;
    const char *near = NULL;
    diag_hint(diag, "call, email and so on, caller, customer, main, link, source, seed, or the name of an arrival");
    if (strcmp(verb.text, "at") == 0) {
        diag_hint(diag, "at takes a date and a time, at 2026-03-02 09:00;, or one name of for each that is such");
    } else if (without_kind(part, &kind)) {
        diag_hint(diag, "write %s %s", kind_word(kind), verb.text);
        if (kind == KIND_AGENT) add_name(maker, &maker->agents, verb, NULL);
    } else {
        for (const struct named *arrival = maker->arrivals; arrival; arrival = arrival->next)
            if (name_distance(verb.text, arrival->name.text) != UINT32_MAX) near = arrival->name.text;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (!near && name_distance(verb.text, words[i]) != UINT32_MAX) near = words[i];
        if (!strcmp(verb.text, "voice")) near = "call";
        diag_did_you_mean(diag, near, (struct span){0, 0});
        if (near == words[0] && part && part->kind == NODE_NAME) add_name(maker, &maker->agents, part->name.name, NULL);
    }
    return json_null();
}

static json_t *happening_json(struct maker *maker, const struct node *node)
{
    const char *verb = node->test_happening.verb.text;
    const struct node *part = node->test_happening.parts.first;
    if (arrival_medium(verb)) return arrival_json(maker, node);
    if (node->test_happening.own || node->test_happening.as.text) {
        if (node->test_happening.as.text) add_name(maker, &maker->arrivals, node->test_happening.as, NULL);
        diag_hint(diag_report(maker->diags, TEST_WORD, node->test_happening.verb.span),
                  "an arrival is a call, or begins with its medium");
        return json_null();
    }
    if (strcmp(verb, "caller") == 0) return caller_json(maker, node, false);
    if (strcmp(verb, "main") == 0) {
        if (!is_word(part, "hangs_up") || part->next) not_understood(maker, part ? part : node, "hangs_up");
        return json_pack("{s:s, s:n, s:s}", "do", "caller", "of", "what", "main_hangs_up");
    }
    if (strcmp(verb, "link") == 0 || strcmp(verb, "source") == 0) return fault_json(maker, node, verb);
    if (strcmp(verb, "seed") == 0 && part) {
        int64_t seed = 0;
        limited_integer(maker, part, INT64_MAX, "a seed", &seed);
        return json_pack("{s:s, s:I}", "do", "seed", "value", (json_int_t)seed);
    }
    for (const struct named *arrival = maker->arrivals; arrival; arrival = arrival->next)
        if (arrival->name.text == verb) return caller_json(maker, node, true);
    if (strcmp(verb, "customer") == 0) return caller_json(maker, node, false);
    return happens_not(maker, node);
}

static bool stands_alone(const struct node *item)
{
    return item->kind == NODE_TEST_ANSWER || item->kind == NODE_TEST_SIGNAL ||
           (item->kind == NODE_TEST_HAPPENING && !arrival_medium(item->test_happening.verb.text));
}

static json_t *item_json(struct maker *maker, const struct node *item)
{
    maker->lost = false;
    switch (item->kind) {
    case NODE_TEST_SET:
        return actor_json(maker, item);
    case NODE_TEST_ANSWER:
        return answer_json(maker, item);
    case NODE_TEST_HAPPENING:
        return happening_json(maker, item);
    case NODE_TEST_EXPECT:
        return expect_json(maker, item);
    case NODE_TEST_SIGNAL:
        return signal_json(maker, item);
    case NODE_TEST_PARAMETER:
        return parameter_json(maker, item);
    case NODE_TEST_TABLE:
        return table_json(maker, item);
    case NODE_TEST_STATISTIC:
        statistic_given(maker, item);
        return json_null();
    default:
        return json_null();
    }
}

/* `own`: within an arrival's braces, where only answers and the caller's doings stand. */
static json_t *items_json(struct maker *maker, struct nodes items, bool own)
{
    json_t *array = json_array();
    for EACH_NODE (written, items) {
        const struct node *item = written;
        if (!count_item(maker, item)) break;
        int64_t at = 0;
        while (item && item->kind == NODE_TEST_AFTER) {
            add_delay(maker, item->test_after.delay, &at);
            item = item->test_after.item;
        }
        if (!item || item->kind == NODE_TEST_START) continue;
        if (own && !stands_alone(item)) diag_report(maker->diags, TEST_OWN, item->span);
        json_t *object = item_json(maker, item);
        if (json_is_object(object)) {
            set(object, "at_us", json_integer(at));
            set(object, "line", json_integer(line_of(maker, item)));
            check_answered(maker, item, array, object);
            json_array_append_new(array, object);
        } else {
            json_decref(object);
        }
    }
    return array;
}

static void set_start(struct maker *maker, json_t *object, struct nodes items)
{
    int64_t us = START_LOCAL_US;
    struct word zone = names_zone(maker);
    bool fixed = false;
    for EACH_NODE (item, items) {
        if (item->kind != NODE_TEST_START) continue;
        const struct node *instant = names_resolve(maker, item->test_start.instant);
        if (instant->kind != NODE_INSTANT) {
            diag_report(maker->diags, TEST_WANTS, item->test_start.instant->span, "a date with a time");
            continue;
        }
        fixed = true;
        us = instant->instant.local_us;
        if (instant->instant.zone.text) zone = instant->instant.zone;
    }
    if (!zone_instant(zone.text, us, &us)) diag_report(maker->diags, NO_ZONE, zone.span, zone.text);
    set(object, "start_us", json_integer(us));
    set(object, "fixed_date", json_boolean(fixed));
    int64_t seed = 0;
    set(object, "seed", json_integer(seed));
}

/* Does an interaction of the test arrive there? Then it is said which strategy that number has. */
static bool arrives_at(json_t *items, const char *number)
{
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        const char *to = json_string_value(json_object_get(item, "to"));
        if (to && strcmp(to, number) == 0) return true;
    }
    return false;
}

static void check_consulted(struct maker *maker, json_t *items)
{
    for (const struct named *number = maker->consulted; number; number = number->next) {
        if (arrives_at(items, number->name.text)) continue;
        struct diag *diag = diag_report(maker->diags, TEST_CONSULTED, number->name.span, number->name.text);
        diag_hint(diag, "strategy ... on voice.consult; where there are several, `call` one to this number");
    }
}

/* One test: of `for each` one row, whose words are already bound. */
static json_t *test_json(struct maker *maker, const struct node *test, const char *name)
{
    struct position at = source_set_position(maker->program->sources, test->span.begin);
    maker->agents = maker->arrivals = maker->consulted = NULL;
    maker->arrived = 0;
    maker->items = 0;
    maker->strategy = NULL;
    json_t *object = json_pack("{s:s, s:s, s:i}", "name", name, "file", at.source->path, "line", (int)at.line);
    set_start(maker, object, test->test.items);
    set(object, "items", items_json(maker, test->test.items, false));
    check_consulted(maker, json_object_get(object, "items"));
    return object;
}

/* A long row is cut, where a character begins. */
static const char *row_name(const struct maker *maker, const struct node *test, const struct node *row)
{
    enum { AROUND = sizeof " [...]" };
    const struct source *source = source_set_at(maker->program->sources, row->span.begin);
    const char *text = source->text + (row->span.begin - source->base), *title = test->test.title.bytes;
    size_t length = row->span.end - row->span.begin, most = SCENARIO_TITLE_MAX - AROUND;
    most -= strlen(title) < most ? strlen(title) : most;
    bool cut = length > most;
    if (cut) length = most;
    while (cut && length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
    return arena_printf(maker->arena, "%s [%.*s%s]", title, (int)length, text, cut ? "..." : "");
}

static bool add(struct maker *maker, json_t *tests, const struct node *test, const char *name, struct span where)
{
    if (!count_test(maker, where)) return false;
    json_t *made = test_json(maker, test, name);
    bool fits = count_bytes(maker, made, where);
    json_array_append_new(tests, made);
    return fits;
}

static bool add_test(struct maker *maker, json_t *tests, const struct node *test)
{
    const char *title = test->test.title.bytes;
    maker->bindings = NULL;
    limited_text(maker, title, test->span, SCENARIO_TITLE_MAX);
    if (test->test.names.count == 0) return add(maker, tests, test, title, test->span);
    for EACH_NODE (row, test->test.rows) {
        if (row->list.items.count != test->test.names.count) {
            diag_report(maker->diags, TEST_ROW, row->span, row->list.items.count, test->test.names.count);
            continue;
        }
        maker->bindings = NULL;
        const struct node *value = row->list.items.first;
        for EACH_NODE (name, test->test.names) {
            add_name(maker, &maker->bindings, name->label.name, value);
            value = value->next;
        }
        if (!add(maker, tests, test, row_name(maker, test, row), row->span)) return false;
    }
    return true;
}

/* All of them, as long as there is room. */
static void add_tests(struct maker *maker, json_t *tests)
{
    for EACH_NODE (file, maker->program->files)
        for EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_TEST && !file->file.imported) {
                if (!maker->index) names_collect(maker);
                if (!add_test(maker, tests, declaration)) return;
            }
}

void scenario_make(struct program *program)
{
    struct maker maker = {.program = program, .arena = program->arena, .diags = program->diags};
    json_t *tests = json_array();
    size_t errors = diags_errors(program->diags);
    add_tests(&maker, tests);
    size_t count = json_array_size(tests);
    json_t *root = json_pack("{s:o}", "tests", tests);
    if (count > 0 && maker_errors(&maker) == errors) {
        char *text = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
        program->scenario = text ? arena_copy(program->arena, text, strlen(text)) : NULL;
        free(text);
    }
    json_decref(root);
}
