/* compiler/lsp/complete_places.c - What only some places have: the words that the grammar takes there, the arguments of
 * a call by their names, the lines of a test.
 *
 *     text before the cursor --parse_follow()--> the tokens that can follow --> their words
 *                                                a name can follow          --> the lists below, and then all names
 *
 * Where a name can stand, words of clauses are possible names as well: there only the lists below offer them. */
#include <ctype.h>
#include <string.h>

#include "compiler/language/media.h"
#include "compiler/language/step_ids.h"
#include "compiler/lsp/complete.h"
#include "compiler/lsp/signature.h"
#include "compiler/lsp/tell.h"
#include "compiler/lsp/words.h"
#include "compiler/recovery/parse.h"

static void places_offer_all(struct typing *typing, const char *const *words, size_t count, const char *detail)
{
    for (size_t i = 0; i < count; i++) complete_offer(typing, words[i], ITEM_KEYWORD, detail, NULL);
}

/* Returns the first word of the declaration in which the cursor is: the last one at the left margin before it. */
static const char *places_declaration(const struct typing *typing)
{
    const struct source *source = typing->analysis->source;
    const char *text = source->text, *found = "";
    for (uint32_t line = source_line_at(source, typing->at - source->base) + 1; line > 0 && !*found; line--) {
        const char *begin = text + source->lines[line - 1];
        size_t length = strcspn(begin, " \t{\"\r\n;");
        const char *word = arena_copy(typing->arena, begin, length);
        if (word_use(word) == USE_DECLARATION) found = word;
    }
    return found;
}

/* Offers the names of the kind that the site declares; where it declares none, as of agents, those that are used. */
void complete_kind(struct typing *typing, enum name_kind kind)
{
    size_t offered = json_array_size(typing->items);
    EACH_NODE (file, typing->analysis->program->files)
        EACH_NODE (node, file->file.declarations)
            for (struct node *item = node->kind == NODE_SITE ? node->site.items.first : NULL; item; item = item->next) {
                if (item->kind == NODE_SITE_VIRTUAL && item->site_virtual.kind == kind)
                    complete_declared(typing, item, node);
                if (item->kind != NODE_SITE_NAMES || item->site_names.kind != kind) continue;
                EACH_NODE (label, item->site_names.labels) {
                    const char *name = label->label.name.text;
                    const char *doc = label->doc ? label->doc : item->doc;
                    complete_offer(typing, word_can_be_name(name) ? name : arena_printf(typing->arena, "\"%s\"", name),
                                   ITEM_VALUE, ast_kind_word(kind), doc);
                }
            }
    if (json_array_size(typing->items) == offered) complete_said(typing, ast_kind_word(kind));
}

/* ---- arguments by name ---- */

static void places_parameters(struct typing *typing, const struct nodes *params)
{
    EACH_NODE (param, *params) {
        struct word word = names_declared_by(param);
        if (word.text)
            complete_offer(typing, word.text, ITEM_FIELD, analysis_text(typing->analysis, param->span), param->doc);
    }
}

static const struct nodes *places_params_of(const struct node *node)
{
    switch (node->kind) {
    case NODE_RECORD:
        return &node->record.fields;
    case NODE_FUNCTION:
        return &node->function.params;
    case NODE_NATIVE:
        return &node->native.params;
    case NODE_STRATEGY:
        return &node->strategy.params;
    case NODE_SITE_ENDPOINT:
        return &node->endpoint.params;
    case NODE_SITE_SIGNAL:
        return &node->signal.params;
    default:
        return NULL;
    }
}

/* Offers the parameters of each declaration of that name, `http.parcel` for an endpoint. */
static void places_declared(struct typing *typing, const char *name)
{
    bool http = strncmp(name, "http.", 5) == 0;
    const char *wanted = http ? name + 5 : name;
    EACH_NODE (file, typing->analysis->program->files)
        EACH_NODE (node, file->file.declarations) {
            struct word word = names_declared_by(node);
            const struct nodes *params = places_params_of(node);
            if (!http && params && word.text && strcmp(word.text, wanted) == 0) places_parameters(typing, params);
            for (const struct node *item = node->kind == NODE_SITE ? node->site.items.first : NULL; item;
                 item = item->next) {
                params = places_params_of(item);
                word = names_declared_by(item);
                if (params && word.text && strcmp(word.text, wanted) == 0) places_parameters(typing, params);
            }
        }
}

/* Offers the names of arguments where one begins; a skill with a level where an agent of a test is made. */
static void places_arguments(struct typing *typing)
{
    const struct source *source = typing->analysis->source;
    const char *text = source->text;
    size_t cursor = typing->at - source->base, end = cursor;
    int commas;
    while (end > 0 && isspace((unsigned char)text[end - 1])) end--;
    if (end == 0 || (text[end - 1] != '(' && text[end - 1] != ',')) return;
    size_t behind = signature_open(text, cursor, &commas);
    if (!behind) return;
    size_t begin = behind - 1;
    while (begin > 0 && text[begin - 1] == ' ') begin--;
    end = begin;
    while (begin > 0 && (before_is_name_byte(text[begin - 1]) || text[begin - 1] == '.')) begin--;
    const char *name = arena_copy(typing->arena, text + begin, end - begin);
    const struct step_row *row = step_row_named(name);
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = row ? step_params(row, params) : 0;
    for (uint32_t i = 0; i < count; i++)
        complete_offer(typing, params[i]->name, ITEM_FIELD, tell_step_param(typing->arena, params[i]), NULL);
    if (complete_item_is(complete_item(typing), "agent"))
        complete_kind(typing, KIND_SKILL);
    else if (!row)
        places_declared(typing, name);
}

/* ---- lines of a test ---- */

static void places_arrival(struct node *node, void *context)
{
    struct typing *typing = context;
    if (node->kind == NODE_TEST_HAPPENING && node->test_happening.as.text)
        complete_offer(typing, node->test_happening.as.text, ITEM_VARIABLE, "arrival", NULL);
    if (node->kind == NODE_TEST || node->kind == NODE_TEST_AFTER) node_children(node, places_arrival, typing);
}

static void places_key(struct typing *typing, const struct node *node)
{
    if (node->kind == NODE_STRATEGY)
        EACH_NODE (field, node->strategy.attached) complete_declared(typing, field, node);
    for (const struct node *item = node->kind == NODE_SITE ? node->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_KEYS)
            EACH_NODE (field, item->site_keys.fields) complete_declared(typing, field, item);
}

void complete_events(struct typing *typing)
{
    static const char *const events[] = {
#define EXPECTED(word)       word,
#define EVENT(word, details) word,
#include "compiler/language/test_words.def"
    };
    places_offer_all(typing, events, sizeof events / sizeof *events, "expectation");
}

void complete_test_names(struct typing *typing)
{
    EACH_NODE (file, typing->analysis->program->files) node_children(file, places_arrival, typing);
    complete_each(typing, places_key);
}

static void places_strategy(struct typing *typing, const struct node *node)
{
    if (node->kind == NODE_STRATEGY) complete_declared(typing, node, NULL);
}

static bool places_is_arrival(const char *word)
{
    return strcmp(word, "call") == 0 || (media_is(word) && strcmp(word, "voice") != 0);
}

/* Offers the reasons of all steps for a failure, since a line that does not parse yet does not tell the step. */
static void places_reasons(struct typing *typing)
{
    const char *codes[STEP_EXITS_MAX];
    complete_offer(typing, "timeout", ITEM_VALUE, "reason", NULL);
    complete_offer(typing, "link_down", ITEM_VALUE, "reason", NULL);
    complete_offer(typing, "unsupported", ITEM_VALUE, "reason", NULL);
    for (unsigned i = 0; i < STEP_IDS; i++) {
        uint32_t count = step_exits(step_row(i), EXITS_ALL, codes);
        for (uint32_t n = 0; n < count; n++)
            if (word_can_be_name(codes[n])) complete_offer(typing, codes[n], ITEM_VALUE, "reason", NULL);
    }
}

static bool places_behind_equals(const struct typing *typing)
{
    const char *text = typing->analysis->source->text;
    size_t at = typing->at - typing->analysis->source->base;
    while (at > 0 && before_is_name_byte(text[at - 1])) at--;
    while (at > 0 && isspace((unsigned char)text[at - 1])) at--;
    return at > 1 && text[at - 1] == '=' && !strchr("=<>!", text[at - 2]);
}

static void places_test(struct typing *typing, const struct typed_before *before)
{
    static const char *const lines[] = {
#define LINE(word) word,
#include "compiler/language/test_words.def"
    };
    static const char *const of_agents[] = {
#define OF_AGENT(word) word,
#include "compiler/language/test_words.def"
    };
    static const char *const of_places[] = {
#define OF_PLACE(word) word,
#include "compiler/language/test_words.def"
    };
    static const char *const of_arrivals[] = {
#define OF_ARRIVAL(word) word,
#include "compiler/language/test_words.def"
    };
    static const char *const of_callers[] = {
#define OF_CALLER(word) word,
#include "compiler/language/test_words.def"
    };
    const char *item = complete_item(typing);
    if (complete_item_is(item, "after")) { /* after 1m: agent marie ready; */
        size_t head = strcspn(item, ":;{}");
        if (item[head] == ':') item += head + 1 + strspn(item + head + 1, " \t\r\n");
    }
    const char *verb = arena_copy(typing->arena, item, strcspn(item, " \t\r\n;("));
    bool named = places_behind_equals(typing) && !complete_item_is(item, "expect"); /* `more = call s` */
    bool after = before->ends && complete_word_is(before->word[1], "after");
    if (before->begins || before->colon || after || named) {
        places_offer_all(typing, lines, sizeof lines / sizeof *lines, "line of a test");
        for (size_t i = 0; media_nth(i); i++)
            if (places_is_arrival(media_nth(i))) complete_offer(typing, media_nth(i), ITEM_KEYWORD, "arrival", NULL);
        EACH_NODE (file, typing->analysis->program->files) node_children(file, places_arrival, typing);
        complete_steps(typing, NULL);
    } else if (places_is_arrival(before->word[0]) && complete_word_is(verb, before->word[0])) {
        complete_each(typing, places_strategy);
    } else if (complete_item_is(item, "agent")) {
        places_offer_all(typing, of_agents, sizeof of_agents / sizeof *of_agents, "of an agent");
    } else if (complete_item_is(item, "place")) {
        places_offer_all(typing, of_places, sizeof of_places / sizeof *of_places, "of a place");
    } else if (complete_item_is(item, "queue")) {
        complete_offer(typing, "unreachable", ITEM_KEYWORD, NULL, NULL);
        complete_offer(typing, "reachable", ITEM_KEYWORD, NULL, NULL);
    } else if (places_is_arrival(verb)) {
        places_offer_all(typing, of_arrivals, sizeof of_arrivals / sizeof *of_arrivals, "of an arrival");
    } else if (complete_item_is(item, "caller") || complete_item_is(item, "customer")) {
        places_offer_all(typing, of_callers, sizeof of_callers / sizeof *of_callers, "of a caller");
    }
    if (complete_item_is(item, "expect") && before->ends) complete_events(typing); /* expect second routed to ... */
    if (complete_item_is(item, "expect") || complete_word_is(before->word[0], "with")) complete_test_names(typing);
}

/* ---- places by the word before ---- */

static void places_defaults(struct typing *typing)
{
    for (int i = 0; i < CLAUSES; i++)
        if (default_has_clause((enum clause)i))
            complete_offer(typing, ast_clause_word((enum clause)i), ITEM_KEYWORD, "default of the site",
                           tell_clause(typing->arena, ast_clause_word((enum clause)i)));
    complete_offer(typing, "zone", ITEM_KEYWORD, "default of the site", "the zone of its clocks: \"Europe/Paris\"");
    complete_offer(typing, "locale", ITEM_KEYWORD, "default of the site",
                   "the language of numbers and dates that are read");
}

static void places_after_word(struct typing *typing, const struct typed_before *before)
{
    const char *word = before->word[0];
    if (complete_word_is(word, "default")) places_defaults(typing);
    if (complete_word_is(word, "fail")) places_reasons(typing);
    if (complete_word_is(word, "age")) {
        complete_offer(typing, "fresh", ITEM_VALUE, "age", "it begins at this selection");
        complete_offer(typing, "kept", ITEM_VALUE, "age", "it is that of the first wait");
    }
    if (complete_word_is(word, "edit")) {
        complete_offer(typing, "planner", ITEM_VALUE, "role", NULL);
        complete_offer(typing, "supervisor", ITEM_VALUE, "role", NULL);
    }
    if (complete_word_is(word, "to") && complete_word_is(before->word[1], "switch"))
        complete_each(typing, places_strategy);
}

/* Offers the days where a line of a schedule begins, or goes on. */
static void places_days(struct typing *typing)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays"};
    const char *text = typing->analysis->source->text;
    size_t at = complete_item_begin(text, typing->at - typing->analysis->source->base);
    while (at > 0 && text[at - 1] != '{' && text[at - 1] != '}') at--;
    if (at == 0 || text[at - 1] != '{') return;
    size_t head = complete_item_begin(text, at - 1);
    while (isspace((unsigned char)text[head])) head++;
    if (complete_item_is(text + head, "schedule")) places_offer_all(typing, days, sizeof days / sizeof *days, "day");
}

/* ---- words of the grammar ---- */

static void places_words(struct typing *typing, const struct expected *follow)
{
    enum name_kind kind;
    bool names = follow->token[T_NAME];
    for (int i = 0; known_word(i); i++) {
        const struct known_word *word = known_word(i);
        if (!follow->token[word->token] || (names && word->use == USE_CLAUSE)) continue;
        if (word->use == USE_KIND && !complete_kind_named(word->text, &kind)) continue;
        complete_offer(typing, word->text, ITEM_KEYWORD, NULL,
                       word->use == USE_CLAUSE ? tell_clause(typing->arena, word->text) : NULL);
    }
}

/* Returns the text before the word at the cursor. Where the cursor's line begins with the word of a statement, what
 * stands above it is taken as complete: `let x = contact.`, which is being written, would else take that word. */
static const char *places_text(const struct typing *typing, size_t cursor, size_t *length)
{
    const char *text = typing->analysis->source->text;
    size_t line = cursor, end;
    while (line > 0 && text[line - 1] != '\n') line--;
    const char *begin = text + line + strspn(text + line, " \t");
    const char *word = arena_copy(typing->arena, begin, strcspn(begin, " \t\r\n;({"));
    for (end = line; end > 0 && isspace((unsigned char)text[end - 1]);) end--;
    bool open = end > 0 && strchr(".=+*/(", text[end - 1]) && begin < text + cursor;
    *length = cursor;
    if (!open || word_use(word) != USE_STATEMENT) return text;
    *length = cursor + 1;
    return arena_printf(typing->arena, "%.*s;%.*s", (int)end, text, (int)(cursor - end), text + end);
}

bool complete_places(struct typing *typing, const struct typed_before *before)
{
    const struct source *source = typing->analysis->source;
    struct expected follow;
    size_t cursor = typing->at - source->base;
    while (cursor > 0 && before_is_name_byte(source->text[cursor - 1])) cursor--;
    if (before->in_value) return true;
    const char *text = places_text(typing, cursor, &cursor);
    parse_follow(text, cursor, &follow);
    const char *declaration = places_declaration(typing);
    bool test = complete_word_is(declaration, "test");
    if (follow.token[T_NAME]) {
        places_arguments(typing);
        places_after_word(typing, before);
        if (test) places_test(typing, before);
        if (complete_word_is(declaration, "site")) places_days(typing);
    }
    places_words(typing, &follow);
    return follow.token[T_NAME];
}
