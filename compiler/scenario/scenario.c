/* compiler/scenario/scenario.c - Makes tests and their lines. A line becomes one item; `after` only gives the item a
 * delay.
 *
 *     test "a caller waits" {
 *         agent marie (French: 9) ready;            actor_item()       ITEM_AGENT
 *         call sales from "1" to "2" { ... }        arrival_item()     ITEM_ARRIVE, with items of its own
 *         after 10s caller hangs_up;                happening_item()   ITEM_CALLER, at_us = 10,000,000
 *         expect abandoned;                         scenario_make_expect() ITEM_EXPECT
 *     }
 *     test block --> lines in their order --> scenario_test, whose items are C structs (runtime/scenario)
 *
 * Times of day become microseconds from the test's beginning, `for each` becomes a test per row, and names are
 * looked up, so that a player needs neither the sources nor a checker. A line with a mistake is reported and left
 * out; a program with any such line has no scenario at all. */
#include "compiler/scenario/scenario.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "compiler/check/own_media.h"
#include "compiler/scenario/maker.h"
#include "compiler/syntax/lost.h"

static const int64_t START_LOCAL_US = INT64_C(1704103200000000); /* Monday 2024-01-01 10:00 */

static uint32_t scenario_line(const struct scenario_maker *maker, const struct node *node)
{
    return source_set_position(maker->program->sources, node->span.begin).line;
}

/* Enters the names that a test defines, before those it had. */
static void add_name(struct scenario_maker *maker, struct test_list **list, struct word name, const struct node *node)
{
    struct test_list *named = ARENA_NEW(maker->arena, struct test_list);
    *named = (struct test_list){name, node, *list};
    *list = named;
}

static bool scenario_is_word(const struct node *node, const char *text)
{
    return node && node->kind == NODE_NAME && strcmp(node->name.name.text, text) == 0;
}

/* Notes that the rest of the line is not read (`lost`): the words after one that is not understood would be misread. */
static void not_understood(struct scenario_maker *maker, const struct node *node, const char *known)
{
    diag_hint(diag_report(maker->diags, TEST_WORD, node->span), "%s", known);
    maker->lost = true;
}

/* The words of a line so far; each may stand in it once. */
struct words_seen {
    const char *of[32];
    unsigned count;
};

/* Reports a word that the line has already, in the place of the group of words to which it belongs. */
static bool seen_before(struct scenario_maker *maker, struct words_seen *seen, const struct node *word,
                        const char *group)
{
    const char *text = group ? group : word->kind == NODE_NAME ? word->name.name.text : NULL;
    for (unsigned at = 0; text && at < seen->count; at++) {
        if (strcmp(seen->of[at], text) != 0) continue;
        not_understood(maker, word, group ? "one of them stands in a line" : "it stands once in a line");
        return true;
    }
    if (text && seen->count < sizeof seen->of / sizeof *seen->of) seen->of[seen->count++] = text;
    return false;
}

/* Returns the value after a word of a line; false, and reported, where none follows. Steps over it. */
static bool scenario_following(struct scenario_maker *maker, const struct node **part, const char *wants)
{
    const struct node *word = *part;
    *part = word->next;
    if (*part) return true;
    diag_report(maker->diags, TEST_WANTS, word->span, wants);
    maker->lost = true;
    return false;
}

static void set_duration(struct scenario_maker *maker, uint64_t *field, const struct node **part)
{
    int64_t us;
    if (scenario_following(maker, part, "a duration") && limited_duration(maker, *part, &us)) *field = (uint64_t)us;
}

static void set_integer(struct scenario_maker *maker, uint32_t *field, const char *what, const struct node **part)
{
    int64_t number;
    if (scenario_following(maker, part, "a number") &&
        limited_integer(maker, *part, SCENARIO_OFFERS_MAX, what, &number))
        *field = (uint32_t)number;
}

/* Reads how many arrive; false where no number follows: then one arrives. */
static bool set_times(struct scenario_maker *maker, struct scenario_arrival *arrival, const struct node **part)
{
    int64_t times;
    if (!scenario_following(maker, part, "a number") || !value_integer(maker, *part, &times)) return false;
    limit_count_arrivals(maker, *part, times);
    arrival->times = (uint32_t)times; /* checks the limits, and reports a number beyond them */
    return true;
}

enum { TEXT_MAX_BYTES = 4096 }; /* the text of a subject or message, which is only checked */

/* Returns the text that follows; NULL, and reported, where there is none. A simulator accepts texts up to this
 * number of bytes. */
static const char *text_following(struct scenario_maker *maker, size_t most, const struct node **part)
{
    const char *text = NULL;
    if (!scenario_following(maker, part, "a text") || !value_text(maker, *part, &text)) return NULL;
    limit_text(maker, text, (*part)->span, most);
    return text;
}

static void scenario_set_text(struct scenario_maker *maker, const char **field, size_t most, const struct node **part)
{
    const char *text = text_following(maker, most, part);
    if (text) *field = text;
}

/* Returns the number of a person or an interaction. */
static const char *number_following(struct scenario_maker *maker, const struct node **part)
{
    const char *text = text_following(maker, SCENARIO_NAME_MAX, part);
    if (text && !*text) diag_report(maker->diags, TEST_NUMBER, (*part)->span);
    return text && *text ? text : NULL;
}

/* Reads one part of agent marie (French: 9) in group people ready handles 4m; */
static json_t *agent_skills(struct scenario_maker *maker, struct nodes arguments)
{
    json_t *skills = json_object();
    EACH_NODE (arg, arguments) {
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
        json_object_set_new(skills, skill.text, json_integer(level));
    }
    return skills;
}

/* Reads `in group people`, `in place desk1`: a later list of groups replaces an earlier one. */
static void agent_in(struct scenario_maker *maker, struct scenario_agent *agent, const struct node *in)
{
    json_t *groups = json_array();
    limit_list(maker, in->test_in.names, "groups");
    EACH_NODE (name, in->test_in.names) {
        enum name_kind kind = name->kind_name.kind;
        struct word word = names_kind_bound(maker, kind, name->kind_name.name);
        const char *text = word.text;
        if (kind != KIND_GROUP && kind != KIND_PLACE)
            diag_report(maker->diags, TEST_WANTS, name->span, "a group or a place");
        else
            names_kind(maker, kind, word);
        if (kind == KIND_PLACE)
            agent->place = text;
        else
            json_array_append_new(groups, json_string(text));
    }
    if (json_array_size(groups) > 0) {
        json_decref(agent->groups);
        agent->groups = groups;
    } else {
        json_decref(groups);
    }
}

/* Returns the strategy for consultations; NULL where there is none, or more than one. */
static const char *only_consulted(const struct scenario_maker *maker)
{
    const char *found = NULL;
    uint32_t count = 0;
    EACH_NODE (file, maker->program->files)
        EACH_NODE (strategy, file->file.declarations) {
            if (strategy->kind != NODE_STRATEGY) continue;
            EACH_NODE (medium, strategy->strategy.media) {
                const char *word = node_dotted(maker->arena, medium);
                if (!word || strcmp(word, "voice.consult")) continue;
                found = strategy->strategy.name.text;
                count++;
            }
        }
    return count == 1 ? found : NULL;
}

static bool is_state(const struct node *word)
{
    return scenario_is_word(word, "ready") || scenario_is_word(word, "busy") || scenario_is_word(word, "not_ready") ||
           scenario_is_word(word, "logged_out");
}

/* Reads one word of an agent's line, with the value after it. `part` is advanced to the last word that was read. */
static void agent_word(struct scenario_maker *maker, struct scenario_agent *agent, const struct node **part)
{
    static const char *const states[] = {"ready", "busy", "not_ready", "logged_out"};
    const struct node *word = *part;
    if (word->kind == NODE_TEST_CAPACITY) {
        scenario_give_capacity(maker, agent, word);
        return;
    }
    if (word->kind == NODE_TEST_IN) {
        agent_in(maker, agent, word);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (!scenario_is_word(word, states[i])) continue;
        agent->state = states[i];
        if (word->next && word->next->kind == NODE_DURATION) set_duration(maker, &agent->state_for_us, part);
        return;
    }
    if (scenario_is_word(word, "no_answer")) {
        set_integer(maker, &agent->no_answer, "how often it rings in vain", part);
    } else if (scenario_is_word(word, "declines")) {
        set_integer(maker, &agent->declines, "how often is declined", part);
    } else if (scenario_is_word(word, "profile")) {
        if (word->next && word->next->kind == NODE_NAME)
            *part = word->next, agent->profile = word->next->name.name.text,
            add_name(maker, &maker->profiles, word->next->name.name, word->next);
        else
            diag_report(maker->diags, TEST_WANTS, word->span, "the name of a profile");
    } else if (scenario_is_word(word, "transfers_to")) {
        const char *number = number_following(maker, part), *strategy = only_consulted(maker);
        if (number) agent->transfers_to = number;
        if (strategy)
            agent->transfers_strategy = strategy;
        else if (number)
            add_name(maker, &maker->consulted, (struct word){number, (*part)->span}, *part);
    } else if (scenario_is_word(word, "handles")) {
        set_duration(maker, &agent->handles_us, part);
    } else if (scenario_is_word(word, "answers")) {
        set_duration(maker, &agent->answers_us, part);
    } else if (scenario_is_word(word, "replies")) {
        set_duration(maker, &agent->replies_us, part);
    } else {
        not_understood(maker, word,
                       "ready, busy, not_ready, logged_out, in group, no_answer, declines, handles, answers, replies, "
                       "capacity, profile, transfers_to");
    }
}

/* Makes the item of agent marie (French: 9) ready; */
static void agent_item(struct scenario_maker *maker, const struct node *node, struct scenario_agent *agent)
{
    struct word name = node->test_set.name;
    bool known = false;
    for (const struct test_list *other = maker->agents; other; other = other->next)
        known = known || other->name.text == name.text;
    if (!known) {
        limit_name(maker, name);
        add_name(maker, &maker->agents, name, NULL);
    }
    agent->name = name.text;
    if (node->test_set.arguments.count > 0 || !known) agent->skills = agent_skills(maker, node->test_set.arguments);
    struct words_seen seen = {.count = 0};
    for (const struct node *part = node->test_set.words.first; part && !maker->lost; part = part ? part->next : NULL)
        if (!seen_before(maker, &seen, part, is_state(part) ? "a state" : NULL)) agent_word(maker, agent, &part);
}

/* Reads one word of a place's line, with the value after it. */
static void place_word(struct scenario_maker *maker, struct scenario_place *place, const struct node **part)
{
    const struct node *word = *part;
    if (word->kind == NODE_TEST_IN) {
        json_decref(place->groups);
        place->groups = json_array();
        limit_list(maker, word->test_in.names, "groups");
        EACH_NODE (name, word->test_in.names) {
            struct word group = names_kind_bound(maker, name->kind_name.kind, name->kind_name.name);
            if (name->kind_name.kind != KIND_GROUP)
                diag_report(maker->diags, TEST_WANTS, name->span, "a group");
            else
                names_kind(maker, KIND_GROUP, group);
            json_array_append_new(place->groups, json_string(group.text));
        }
    } else if (scenario_is_word(word, "reachable") || scenario_is_word(word, "unreachable")) {
        place->unreachable = scenario_is_word(word, "unreachable");
    } else if (scenario_is_word(word, "busy")) {
        place->busy = true;
    } else if (scenario_is_word(word, "no_answer")) {
        set_integer(maker, &place->no_answer, "how often it rings in vain", part);
    } else if (scenario_is_word(word, "answers")) {
        set_duration(maker, &place->answers_us, part);
    } else {
        not_understood(maker, word, "reachable, unreachable, busy, in group, no_answer, answers");
    }
}

/* Makes the item of place porter in group night answers 8s; */
static void place_item(struct scenario_maker *maker, const struct node *node, struct scenario_place *place)
{
    place->name = node->test_set.name.text;
    names_kind(maker, KIND_PLACE, node->test_set.name);
    limit_name(maker, node->test_set.name);
    struct words_seen seen = {.count = 0};
    for (const struct node *part = node->test_set.words.first; part && !maker->lost; part = part ? part->next : NULL)
        if (!seen_before(maker, &seen, part, NULL)) place_word(maker, place, &part);
}

/* Makes the item of agent ...; of place ...; or of queue desk unreachable; */
static bool actor_item(struct scenario_maker *maker, const struct node *node, struct scenario_item *item)
{
    struct word name = node->test_set.name;
    if (node->test_set.kind == KIND_AGENT) {
        *item = scenario_item(ITEM_AGENT);
        agent_item(maker, node, &item->agent);
        return true;
    }
    if (node->test_set.kind == KIND_PLACE && node->test_set.arguments.count == 0) {
        *item = scenario_item(ITEM_PLACE);
        place_item(maker, node, &item->place);
        return true;
    }
    const struct node *word = node->test_set.words.first;
    if (node->test_set.kind != KIND_QUEUE || node->test_set.arguments.count > 0) {
        diag_report(maker->diags, TEST_ACTOR, node->span, ast_kind_word(node->test_set.kind));
        return false;
    }
    names_kind(maker, KIND_QUEUE, name);
    bool known = node->test_set.words.count == 1 &&
                 (scenario_is_word(word, "unreachable") || scenario_is_word(word, "reachable"));
    if (!known) not_understood(maker, word ? word : node, "unreachable or reachable");
    *item = scenario_item(ITEM_QUEUE);
    item->queue = (struct scenario_queue){.name = name.text, .reachable = known && scenario_is_word(word, "reachable")};
    return true;
}

static json_t *scenario_data(struct scenario_maker *maker, struct nodes arguments)
{
    json_t *data = json_object();
    EACH_NODE (arg, arguments) {
        struct word key = arg->arg.name;
        if (!key.text) {
            diag_report(maker->diags, TEST_WANTS, arg->span, "keys with their values, (account: \"4711\")");
            continue;
        }
        const struct node *declared = names_key(maker, key.text);
        const char *near = declared ? NULL : names_near_key(maker, key.text, false);
        if (near)
            diag_did_you_mean(diag_report(maker->diags, UNKNOWN_NAME, key.span, key.text), near,
                              (struct source_span){0, 0});
        bool typed = declared && maker->strategy && !lost_key_is(maker->program, maker->strategy, key.text) &&
                     value_meant(maker, arg->arg.value)->kind != NODE_NONE;
        json_object_set_new(data, key.text,
                            value_typed(maker, arg->arg.value, typed ? declared->field.type->type : NULL, declared));
    }
    return data;
}

/* Returns the medium of an arrival's first word; NULL: the word names none. A word after the dot of a medium is
 * returned separately. */
static const char *arrival_medium(const struct scenario_maker *maker, const char *verb)
{
    verb = own_media_word(maker->program, verb);
    if (!strcmp(verb, "call")) return "voice";
    return strcmp(verb, "voice") && !strchr(verb, '.') && media_is(verb) ? verb : NULL;
}

/* Reports an arrival whose medium the test's strategy does not serve. A strategy for consultations is allowed for a
 * call, too, since the call may lead to a consultation. */
static void check_medium_of(struct scenario_maker *maker, const struct node *name, const char *medium)
{
    size_t length = strlen(medium);
    if (!maker->strategy) return;
    EACH_NODE (media, maker->strategy->strategy.media) {
        const char *word = own_media_word(maker->program, node_dotted(maker->arena, media));
        if (word && !media_is(word)) return; /* reported */
        if (word && !strncmp(word, medium, length) && (!word[length] || word[length] == '.')) return;
    }
    diag_note(diag_report(maker->diags, TEST_MEDIUM, name->span, name->name.name.text,
                          own_media_said(maker->program, medium)),
              maker->strategy->strategy.name.span, "declared here");
}

static bool medium_is_of(const char *medium, enum media_kind kind)
{
    return !media_set_is_empty(media_set_and(media_bit(medium), media_set(kind)));
}

/* Adds a number to the list of the record that is dialled: number "+33145550101" then "+33145550102". */
static void add_number(struct scenario_maker *maker, struct scenario_arrival *arrival, const struct node **part)
{
    const char *number = NULL;
    scenario_set_text(maker, &number, SCENARIO_ADDRESS_MAX, part);
    if (!number) return;
    if (!arrival->chain) arrival->chain = json_array();
    json_array_append_new(arrival->chain, json_string(number));
}

/* Returns the words that are allowed only in a line of an arrival of this medium, for a message. */
static const char *arrival_words_of(const char *medium)
{
    return medium_is_of(medium, MEDIA_TITLED)     ? "subject, "
           : medium_is_of(medium, MEDIA_OUTBOUND) ? "number, then, zone, agent and a name, "
           : medium_is_of(medium, MEDIA_CONTACT)  ? "number, zone, "
                                                  : "";
}

static bool is_spoken(const char *medium)
{
    return strcmp(medium, "voice") == 0;
}

/* Reads the words about times, which arrivals of some media do not have. False: the word is none of them. */
static bool arrival_time(struct scenario_maker *maker, struct scenario_arrival *arrival, const struct node **part,
                         bool *counted)
{
    const struct node *word = *part;
    const char *medium = arrival->media;
    bool letter = strcmp(medium, "email") == 0, typed = letter || strcmp(medium, "chat") == 0;
    if (scenario_is_word(word, "times"))
        *counted = set_times(maker, arrival, part) || *counted;
    else if (scenario_is_word(word, "every"))
        set_duration(maker, &arrival->every_us, part);
    else if (scenario_is_word(word, "hangs_up") && !letter)
        set_duration(maker, &arrival->hangs_up_us, part);
    else if (scenario_is_word(word, "answers") && !typed)
        set_duration(maker, &arrival->answers_us, part);
    else
        return false;
    return true;
}

/* Reads who calls: from "+33145550101", or from agent marie, whose telephone makes the call. */
static void arrival_from(struct scenario_maker *maker, struct scenario_arrival *arrival, const struct node **part)
{
    const struct node *who = (*part)->next;
    if (!is_spoken(arrival->media) || !who || who->kind != NODE_KIND_NAME) {
        scenario_set_text(maker, &arrival->from, SCENARIO_ADDRESS_MAX, part);
        return;
    }
    *part = who;
    if (who->kind_name.kind != KIND_AGENT) not_understood(maker, who, "a number, or agent and a name");
    names_kind(maker, who->kind_name.kind, who->kind_name.name);
    arrival->agent = who->kind_name.name.text;
}

/* Reads one word or pair of words of an arrival's line. `counted`: the line has said how many arrive. The allowed words
 * depend on the medium: a subject belongs to an e-mail, a number to an outbound call. */
static void arrival_part(struct scenario_maker *maker, struct scenario_arrival *arrival, const struct node **part,
                         bool *counted)
{
    const struct node *word = *part;
    const char *medium = arrival->media;
    if (scenario_is_word(word, "from")) {
        arrival_from(maker, arrival, part);
    } else if (scenario_is_word(word, "to")) {
        const char *number = number_following(maker, part);
        if (number) arrival->to = number;
    } else if (scenario_is_word(word, "main") && is_spoken(medium)) {
        scenario_set_text(maker, &arrival->main, SCENARIO_ADDRESS_MAX, part);
    } else if (arrival_time(maker, arrival, part, counted)) {
        return;
    } else if (scenario_is_word(word, "with") && word->next && word->next->kind == NODE_TEST_WITH) {
        *part = word->next;
        json_decref(arrival->data);
        arrival->data = scenario_data(maker, word->next->test_with.arguments);
    } else if (scenario_is_word(word, "number") && medium_is_of(medium, MEDIA_CONTACT)) {
        scenario_set_text(maker, &arrival->number, SCENARIO_ADDRESS_MAX, part);
    } else if (scenario_is_word(word, "then") && medium_is_of(medium, MEDIA_OUTBOUND)) {
        add_number(maker, arrival, part);
    } else if ((medium_is_of(medium, MEDIA_OUTBOUND) || strcmp(medium, "email") == 0) && word->kind == NODE_KIND_NAME &&
               word->kind_name.kind == KIND_AGENT) {
        names_kind(maker, KIND_AGENT, word->kind_name.name);
        arrival->agent = word->kind_name.name.text;
    } else if (scenario_is_word(word, "zone") && medium_is_of(medium, MEDIA_CONTACT)) {
        scenario_set_text(maker, &arrival->zone, SCENARIO_NAME_MAX, part);
    } else if (scenario_is_word(word, "subject") && medium_is_of(medium, MEDIA_TITLED)) {
        scenario_set_text(maker, &arrival->subject, SCENARIO_ADDRESS_MAX, part);
    } else if (scenario_is_word(word, "as") && word->next && word->next->kind == NODE_NAME) {
        const struct word as = word->next->name.name;
        not_understood(maker, word, arena_printf(maker->arena, "a name stands before it: let %s = ...", as.text));
        add_name(maker, &maker->arrivals, as, maker->strategy);
    } else {
        not_understood(maker, word,
                       arena_printf(maker->arena, "%sfrom, to, with (key: value), times, every%s%s%s",
                                    arrival_words_of(medium), strcmp(medium, "email") != 0 ? ", hangs_up" : "",
                                    strcmp(medium, "email") != 0 && strcmp(medium, "chat") != 0 ? ", answers" : "",
                                    is_spoken(medium) ? ", main" : ""));
    }
}

static void add_items(struct scenario_maker *, struct nodes nodes, bool own, struct scenario_item **items,
                      size_t *count);

/* Makes the arrival of call enterprise from "+33..." to "1800" { its own answers } */
static void arrival_item(struct scenario_maker *maker, const struct node *node, struct scenario_arrival *arrival)
{
    const struct node *name = node->test_happening.parts.first;
    arrival->media = arrival_medium(maker, node->test_happening.verb.text);
    arrival->number = NULL; /* the caller's number, where the line has no other */
    assert(arrival->media);
    if (!name || name->kind != NODE_NAME) {
        diag_report(maker->diags, TEST_WANTS, node->test_happening.verb.span, "the name of a strategy");
        return;
    }
    maker->strategy = names_strategy(maker, name->name.name);
    check_medium_of(maker, name, arrival->media);
    arrival->strategy = name->name.name.text;
    struct word as = node->test_happening.as;
    if (as.text) {
        limit_name(maker, as);
        add_name(maker, &maker->arrivals, as, maker->strategy);
    }
    arrival->as = as.text;
    const struct node *part = name->next, *with = part && part->kind == NODE_TEST_WITH ? part : NULL;
    if (maker->strategy && (with || maker->strategy->strategy.params.count)) {
        struct nodes arguments = with ? with->test_with.arguments : (struct nodes){0};
        arrival->given = given_json(maker, maker->strategy, arguments, name->span);
    }
    const struct node *behind = name->next; /* the strategy's name is missing, or the verb was written in its place */
    const struct node *every = NULL;
    bool value = behind && behind->kind != NODE_NAME && behind->kind != NODE_TEST_WITH, counted = false;
    bool swapped = !maker->strategy && (value || scenario_is_word(name, "from") || scenario_is_word(name, "to") ||
                                        scenario_is_word(name, node->test_happening.verb.text));
    struct words_seen seen = {.count = 0};
    for (part = with ? with->next : part; part && !maker->lost && !swapped; part = part ? part->next : NULL) {
        if (scenario_is_word(part, "every")) every = part;
        if (scenario_is_word(part, "then") || !seen_before(maker, &seen, part, NULL))
            arrival_part(maker, arrival, &part, &counted);
    }
    if (every && !counted && !maker->lost)
        not_understood(maker, every, "it is between several arrivals: times 3 every 5s");
    if (!arrival->number) arrival->number = arrival->from;
    if (!counted) limit_count_arrivals(maker, name, 1);
    add_items(maker, node->test_happening.items, true, &arrival->items, &arrival->count);
}

/* letter pulled_by agent marie; */
static const char *agent_following(struct scenario_maker *maker, const struct node **part)
{
    const struct node *agent = (*part)->next;
    if (!agent || agent->kind != NODE_KIND_NAME || agent->kind_name.kind != KIND_AGENT) {
        not_understood(maker, agent ? agent : *part, "agent and a name");
        return NULL;
    }
    *part = agent;
    names_kind(maker, KIND_AGENT, agent->kind_name.name);
    return agent->kind_name.name.text;
}

/* Makes the item of caller hangs_up; caller enters "1"; calls hangs_up; `of`: an arrival's name, or NULL. */
static void scenario_caller_item(struct scenario_maker *maker, const struct node *node, const char *of,
                                 struct scenario_caller *caller)
{
    const struct node *part = node->test_happening.parts.first;
    caller->of = of;
    caller->hangs_up = scenario_is_word(part, "hangs_up");
    caller->transfers = scenario_is_word(part, "transfers");
    if (scenario_is_word(part, "enters")) {
        caller->digits = text_following(maker, SCENARIO_NAME_MAX, &part);
        if (caller->digits) limit_digits(maker, caller->digits, part->span);
    } else if (scenario_is_word(part, "writes")) {
        caller->writes = text_following(maker, SCENARIO_ADDRESS_MAX, &part);
    } else if (scenario_is_word(part, "pulled_by")) {
        caller->pulled_by = agent_following(maker, &part);
    } else if (!caller->hangs_up && !caller->transfers) {
        not_understood(maker, part ? part : node,
                       "hangs_up, enters \"1\", writes \"...\", pulled_by agent marie, or transfers");
    }
    if (part && part->next && !maker->lost) not_understood(maker, part->next, "nothing more belongs here");
}

/* Makes the item of link cti down 10s; or source crm down; */
static void scenario_fault_item(struct scenario_maker *maker, const struct node *node, bool source,
                                struct scenario_fault *fault)
{
    const struct node *name = node->test_happening.parts.first, *down = name ? name->next : NULL;
    if (!name || name->kind != NODE_NAME || !scenario_is_word(down, "down")) {
        not_understood(maker, node, "a name, then down, then perhaps how long");
        return;
    }
    if (source) names_source(maker, name->name.name);
    fault->name = name->name.name.text;
    if (down->next) set_duration(maker, &fault->for_us, &down);
}

/* answers 35% */
static void set_share(struct scenario_maker *maker, struct scenario_campaign *campaign, uint32_t *field,
                      const struct node **part)
{
    double share = 0;
    if (!scenario_following(maker, part, "a percentage") || !value_percent(maker, *part, &share)) return;
    *field = (uint32_t)(share * 1000000 + 0.5);
    campaign->dealt = true;
    if (campaign->answers + campaign->busy + campaign->machine > 1000000)
        diag_report(maker->diags, TEST_WANTS, (*part)->span, "shares of at most 100% together");
}

static void campaign_part(struct scenario_maker *maker, struct scenario_campaign *campaign, const struct node **part)
{
    const struct node *word = *part;
    if (word->kind == NODE_KIND_NAME && word->kind_name.kind == KIND_GROUP) {
        names_kind(maker, KIND_GROUP, word->kind_name.name);
        campaign->agents = word->kind_name.name.text;
    } else if (word->kind == NODE_TEST_WITH) {
        json_decref(campaign->rules);
        campaign->rules = scenario_data(maker, word->test_with.arguments);
    } else if (scenario_is_word(word, "answers")) {
        set_share(maker, campaign, &campaign->answers, part);
    } else if (scenario_is_word(word, "busy")) {
        set_share(maker, campaign, &campaign->busy, part);
    } else if (scenario_is_word(word, "machine")) {
        set_share(maker, campaign, &campaign->machine, part);
    } else if (word->kind == NODE_NAME &&
               enum_value_campaign_mode(word->name.name.text, (uint32_t)strlen(word->name.name.text)) > 0) {
        campaign->mode = word->name.name.text;
    } else {
        not_understood(maker, word,
                       "preview, push_preview, progressive, predictive or power; group and a name; answers 35%, "
                       "busy 10%, machine 5%; and rules, (lines: 20)");
    }
}

/* Makes the item of campaign "summer" predictive group sellers answers 35% busy 10% machine 5% (lines: 20); */
static void campaign_item(struct scenario_maker *maker, const struct node *node, struct scenario_campaign *campaign)
{
    const struct node *part = node->test_happening.parts.first;
    if (!part || part->kind != NODE_STRING) {
        diag_report(maker->diags, TEST_WANTS, node->test_happening.verb.span, "the name of a campaign, \"summer\"");
        return;
    }
    campaign->name = part->string.text.bytes;
    limit_text(maker, campaign->name, part->span, SCENARIO_NAME_MAX);
    for (part = part->next; part && !maker->lost; part = part ? part->next : NULL)
        campaign_part(maker, campaign, &part);
}

/* Makes the item of number "+33145550199"; or number "+33145550199" unreachable; */
static void number_item(struct scenario_maker *maker, const struct node *node, struct scenario_queue *number)
{
    const struct node *part = node->test_happening.parts.first;
    if (!part || part->kind != NODE_STRING || !*part->string.text.bytes) {
        diag_report(maker->diags, TEST_WANTS, node->test_happening.verb.span, "a number outside, \"+33145550199\"");
        return;
    }
    number->name = part->string.text.bytes;
    limit_text(maker, number->name, part->span, SCENARIO_NAME_MAX);
    const struct node *word = part->next;
    number->reachable = !word || scenario_is_word(word, "reachable");
    if (word && ((!number->reachable && !scenario_is_word(word, "unreachable")) || word->next))
        not_understood(maker, word->next ? word->next : word, "unreachable or reachable");
}

/* Reports `marie ready;`, `desk unreachable;`: the kind was left out; the words after the name tell which kind it
 * is. */
static bool scenario_without_kind(const struct node *part, enum name_kind *kind)
{
    static const char *const of_agents[] = {
#define OF_AGENT(word) word,
#include "compiler/language/test_words.def"
    };
    bool agent = part && (part->kind == NODE_TEST_WITH || part->kind == NODE_TEST_IN);
    for (size_t i = 0; i < sizeof of_agents / sizeof *of_agents; i++)
        agent = agent || scenario_is_word(part, of_agents[i]);
    *kind = agent ? KIND_AGENT : KIND_QUEUE;
    return agent || scenario_is_word(part, "unreachable") || scenario_is_word(part, "reachable");
}

/* Reports a line whose first word begins no line. The names that it would have defined count as known afterwards. */
static void happens_not(struct scenario_maker *maker, const struct node *node)
{
    static const char *const words[] = {
#define LINE(word) word,
#include "compiler/language/test_words.def"
    };
    struct word verb = node->test_happening.verb;
    const struct node *part = node->test_happening.parts.first;
    struct diag *diag = diag_report(maker->diags, TEST_WORD, verb.span);
    enum name_kind kind;
    const char *near = NULL;
    diag_hint(diag,
              "call, email and so on, caller, customer, main, number, link, source, seed, or the name of an arrival");
    if (strcmp(verb.text, "at") == 0) {
        diag_hint(diag, "at takes a date and a time, at 2026-03-02 09:00;, or one name of for each that is such");
    } else if (scenario_without_kind(part, &kind)) {
        diag_hint(diag, "write %s %s", ast_kind_word(kind), verb.text);
        if (kind == KIND_AGENT) add_name(maker, &maker->agents, verb, NULL);
    } else {
        for (const struct test_list *arrival = maker->arrivals; arrival; arrival = arrival->next)
            if (near_distance(verb.text, arrival->name.text) != UINT32_MAX) near = arrival->name.text;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (!near && near_distance(verb.text, words[i]) != UINT32_MAX) near = words[i];
        if (!strcmp(verb.text, "voice")) near = "call";
        if (!strcmp(verb.text, "assert") || !strcmp(verb.text, "verify")) near = "expect";
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
        if (near && strcmp(near, "agent") == 0 && part && part->kind == NODE_NAME)
            add_name(maker, &maker->agents, part->name.name, NULL);
    }
}

/* Reads lines that begin with a plain word: the word decides the kind of item, or it is the name of an arrival. */
static bool happening_item(struct scenario_maker *maker, const struct node *node, struct scenario_item *item)
{
    const char *verb = node->test_happening.verb.text;
    const struct node *part = node->test_happening.parts.first;
    bool source = !strcmp(verb, "source"), named = names_arrival(maker, verb);
    if (arrival_medium(maker, verb)) {
        *item = scenario_item(ITEM_ARRIVE);
        arrival_item(maker, node, &item->arrival);
    } else if (node->test_happening.own || node->test_happening.as.text) {
        if (node->test_happening.as.text) add_name(maker, &maker->arrivals, node->test_happening.as, NULL);
        diag_hint(diag_report(maker->diags, TEST_WORD, node->test_happening.verb.span),
                  "an arrival is a call, or begins with its medium");
        return false;
    } else if (!strcmp(verb, "campaign")) {
        *item = scenario_item(ITEM_CAMPAIGN);
        campaign_item(maker, node, &item->campaign);
    } else if (!strcmp(verb, "number")) {
        *item = scenario_item(ITEM_NUMBER);
        number_item(maker, node, &item->queue);
    } else if (!strcmp(verb, "main")) {
        if (!scenario_is_word(part, "hangs_up") || part->next) not_understood(maker, part ? part : node, "hangs_up");
        *item = scenario_item(ITEM_CALLER);
        item->caller.main_hangs_up = true;
    } else if (source || !strcmp(verb, "link")) {
        *item = scenario_item(source ? ITEM_SOURCE : ITEM_LINK);
        scenario_fault_item(maker, node, source, &item->fault);
    } else if (!strcmp(verb, "seed") && part) {
        int64_t seed = 0;
        *item = scenario_item(ITEM_SEED);
        if (limited_integer(maker, part, INT64_MAX, "a seed", &seed)) item->seed.value = (uint64_t)seed;
    } else if (!strcmp(verb, "caller") || named || !strcmp(verb, "customer")) {
        *item = scenario_item(ITEM_CALLER);
        scenario_caller_item(maker, node, named && strcmp(verb, "caller") ? verb : NULL, &item->caller);
    } else {
        happens_not(maker, node);
        return false;
    }
    return true;
}

/* Checks the place of a line: within an arrival's braces its own answers and its caller's actions are allowed;
 * arrivals and agents only outside. */
static bool item_stands_alone(const struct scenario_maker *maker, const struct node *item)
{
    return item->kind == NODE_TEST_ANSWER || item->kind == NODE_TEST_SIGNAL ||
           (item->kind == NODE_TEST_HAPPENING && !arrival_medium(maker, item->test_happening.verb.text));
}

/* Reports a line that belongs to the test as a whole, and so cannot stand after `after`. */
static bool has_no_time(struct scenario_maker *maker, const struct node *node)
{
    bool seed = node->kind == NODE_TEST_HAPPENING && strcmp(node->test_happening.verb.text, "seed") == 0;
    const char *why = node->kind == NODE_TEST_START ? "a test begins once: at stands without after"
                      : seed                        ? "the seed is that of the whole test: without after"
                                                    : NULL;
    if (why) not_understood(maker, node, why);
    return why != NULL;
}

/* Makes the item of a line; false where the line gives none: it was reported, or is only checked. */
static bool make_item(struct scenario_maker *maker, const struct node *node, struct scenario_item *item)
{
    maker->lost = false;
    switch (node->kind) {
    case NODE_TEST_SET:
        return actor_item(maker, node, item);
    case NODE_TEST_HAPPENING:
        return happening_item(maker, node, item);
    case NODE_TEST_ANSWER:
        *item = scenario_item(ITEM_ANSWER);
        scenario_make_answer(maker, node, &item->answer);
        return true;
    case NODE_TEST_EXPECT:
        *item = scenario_item(ITEM_EXPECT);
        scenario_make_expect(maker, node, &item->expect);
        return true;
    case NODE_TEST_SIGNAL:
        *item = scenario_item(ITEM_CALLER);
        given_signal(maker, node, &item->caller);
        return true;
    case NODE_TEST_PARAMETER:
        *item = scenario_item(ITEM_PARAMETER);
        scenario_make_parameter(maker, node, &item->setting);
        return true;
    case NODE_TEST_TABLE:
        *item = scenario_item(ITEM_TABLE);
        scenario_make_table(maker, node, &item->setting);
        return true;
    case NODE_TEST_PROFILE:
        *item = scenario_item(ITEM_PROFILE);
        scenario_make_profile(maker, node, &item->profile);
        return true;
    case NODE_TEST_STATISTIC:
        *item = scenario_item(ITEM_PARAMETER);
        return scenario_make_statistic(maker, node, &item->setting);
    default:
        return false;
    }
}

/* Adds the lines to the list. `own`: the lines are within an arrival's braces, where only answers and the caller's
 * actions are allowed. */
static void add_items(struct scenario_maker *maker, struct nodes nodes, bool own, struct scenario_item **items,
                      size_t *count)
{
    EACH_NODE (written, nodes) {
        const struct node *node = written;
        struct scenario_item item;
        if (!limit_count_item(maker, node)) break;
        int64_t at = 0;
        while (node && node->kind == NODE_TEST_AFTER) {
            limited_add_delay(maker, node->test_after.delay, &at);
            node = node->test_after.item;
        }
        if (node && node != written && has_no_time(maker, node)) continue;
        if (!node || node->kind == NODE_TEST_START) continue;
        if (own && !item_stands_alone(maker, node)) diag_report(maker->diags, TEST_OWN, node->span);
        if (!make_item(maker, node, &item)) continue;
        item.at_us = (uint64_t)at;
        item.line = scenario_line(maker, node);
        if (item.kind == ITEM_EXPECT) scenario_check_moment(maker, node, &item.expect, node != written);
        if (item.kind == ITEM_ANSWER) answer_check_repeated(maker, node, *items, *count, &item);
        *(struct scenario_item *)scenario_add(SHAPE_item, items, count) = item;
    }
}

/* Sets the beginning of a test; without `at` it is a fixed Monday at 10:00, so that opening hours give the same
 * result on every day. */
static void set_start(struct scenario_maker *maker, struct scenario_test *made, struct nodes items)
{
    int64_t us = START_LOCAL_US;
    struct word zone = names_zone(maker);
    EACH_NODE (item, items) {
        if (item->kind != NODE_TEST_START) continue;
        const struct node *instant = names_resolve(maker, item->test_start.instant);
        if (instant->kind != NODE_INSTANT) {
            diag_report(maker->diags, TEST_WANTS, item->test_start.instant->span, "a date with a time");
            continue;
        }
        if (made->fixed_date) not_understood(maker, item, "a test begins once");
        made->fixed_date = true;
        us = instant->instant.local_us;
        if (instant->instant.zone.text) zone = instant->instant.zone;
    }
    if (!zone_instant(zone.text, us, &us)) diag_report(maker->diags, NO_ZONE, zone.span, zone.text);
    made->start_us = us;
}

/* Does an interaction of the test arrive at that number? The line of such an arrival names the strategy of the number.
 */
static bool arrives_at(const struct scenario_test *made, const char *number)
{
    for (size_t i = 0; i < made->count; i++)
        if (made->items[i].kind == ITEM_ARRIVE && !strcmp(made->items[i].arrival.to, number)) return true;
    return false;
}

static void check_consulted(struct scenario_maker *maker, const struct scenario_test *made)
{
    for (const struct test_list *number = maker->consulted; number; number = number->next) {
        if (arrives_at(made, number->name.text)) continue;
        struct diag *diag = diag_report(maker->diags, TEST_CONSULTED, number->name.span, number->name.text);
        diag_hint(diag, "strategy ... on voice.consult; where there are several, `call` one to this number");
    }
}

/* Reports an agent's profile that the test gives no rows: the directory, too, refuses such an agent. */
static void check_profiles(struct scenario_maker *maker, const struct scenario_test *made)
{
    for (const struct test_list *profile = maker->profiles; profile; profile = profile->next) {
        bool said = false;
        for (size_t i = 0; i < made->count; i++)
            said = said || (made->items[i].kind == ITEM_PROFILE && made->items[i].profile.count > 0 &&
                            !strcmp(made->items[i].profile.name, profile->name.text));
        if (!said)
            diag_report(maker->diags, TEST_WANTS, profile->name.span,
                        arena_printf(maker->arena, "`order for %s` with a rule, in this test,", profile->name.text));
    }
}

/* Makes one test. A test with `for each` becomes one test per row; the names of its columns have the row's values
 * here. */
static void make_test(struct scenario_maker *maker, const struct node *test, const char *name,
                      struct scenario_test *made)
{
    struct position at = source_set_position(maker->program->sources, test->span.begin);
    maker->agents = maker->arrivals = maker->consulted = maker->profiles = NULL;
    maker->arrived = 0;
    maker->items = 0;
    maker->strategy = NULL;
    scenario_blank(SHAPE_test, made);
    made->name = name;
    made->file = at.source->path;
    made->line = at.line;
    set_start(maker, made, test->test.items);
    add_items(maker, test->test.items, false, &made->items, &made->count);
    check_consulted(maker, made);
    check_profiles(maker, made);
}

/* A long row is cut at the beginning of a character. */
static const char *scenario_row_name(const struct scenario_maker *maker, const struct node *test,
                                     const struct node *row)
{
    enum { AROUND = sizeof " [...]" };
    const struct source *source = source_set_at(maker->program->sources, row->span.begin);
    const char *text = source->text + (row->span.begin - source->base), *title = test->test.title.bytes;
    size_t length = row->span.end - row->span.begin, most = SCENARIO_TITLE_MAX - AROUND;
    most -= strlen(title) < most ? strlen(title) : most;
    bool cut = length > most;
    return arena_printf(maker->arena, "%s [%.*s%s]", title, (int)utf8_cut(text, length, (uint32_t)most), text,
                        cut ? "..." : "");
}

/* Adds a test; false where there is no room for more. */
static bool scenario_add_row(struct scenario_maker *maker, const struct node *test, const char *name,
                             struct source_span where)
{
    struct scenario_test made;
    assert(test->kind == NODE_TEST && maker->index);
    if (!limit_count_test(maker, where)) return false;
    make_test(maker, test, name, &made);
    scenario_write(&maker->section, &made);
    scenario_clear(SHAPE_test, &made);
    return limit_count_bytes(maker, where);
}

/* Each row of `for each` binds its values to the names, and the lines are made again with them. */
static bool scenario_add_test(struct scenario_maker *maker, const struct node *test)
{
    const char *title = test->test.title.bytes;
    maker->bindings = NULL;
    limit_text(maker, title, test->span, SCENARIO_TITLE_MAX);
    if (test->test.names.count == 0) return scenario_add_row(maker, test, title, test->span);
    EACH_NODE (row, test->test.rows) {
        if (row->list.items.count != test->test.names.count) {
            diag_report(maker->diags, TEST_ROW, row->span, row->list.items.count, test->test.names.count);
            continue;
        }
        maker->bindings = NULL;
        const struct node *value = row->list.items.first;
        EACH_NODE (name, test->test.names) {
            add_name(maker, &maker->bindings, name->label.name, value);
            value = value->next;
        }
        if (!scenario_add_row(maker, test, scenario_row_name(maker, test, row), row->span)) return false;
    }
    return true;
}

/* Makes all tests of the program's own files, as long as there is room for more. */
static void add_tests(struct scenario_maker *maker)
{
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_TEST && !file->file.imported) {
                if (!maker->index) names_collect(maker);
                if (!scenario_add_test(maker, declaration)) return;
            }
}

void scenario_make(struct program *program)
{
    assert(program && program->arena && program->diags && program->sources);
    struct scenario_maker maker = {.program = program, .arena = program->arena, .diags = program->diags};
    size_t errors = diags_errors(program->diags);
    add_tests(&maker);
    if (maker.section.length > 0 && maker_errors(&maker) == errors) {
        program->scenario = arena_copy(program->arena, (const char *)maker.section.bytes, maker.section.length);
        program->scenario_length = maker.section.length;
    }
    free(maker.section.bytes);
}
