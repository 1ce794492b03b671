/* compiler/check/check.c - Declarations, in the order in which they need each other: the language's own names, records,
 * the site, constants, functions (callees before callers), strategies.
 *
 *     declare: names of all files first, so that their order does not matter
 *     check:   what each declaration says, after the things that it is made of
 *
 * A name that is declared twice is reported at its second declaration, and the first one counts. A declaration with
 * a mistake stays declared: its users are checked as if it were correct, and its mistake is not reported again.
 *
 * Why this order: a type may name any record, so records are declared, then get their fields, and only then is it
 * known how deep they nest. A constant may name the site's words, a site's default may name a constant. A function's
 * summary (summary.c) says how it fails and waits, and its callers need that, so callees are checked first.
 * Strategies call all of these and nobody calls them, so they come last.
 *
 * All that the checker makes is in the program's arena and lives as long as the program; the checker itself ends
 * with check_program(). */
#include "compiler/check/checker.h"
#include "compiler/check/own_media.h"

#include <assert.h>
#include <string.h>

#include "base/zone.h"
#include "compiler/syntax/library.h"
#include "compiler/syntax/lost.h"
#include "base/regex.h"

enum { RECORD_DEEPEST = 16 };

static bool is_of_library(const struct checker *c, struct source_span where)
{
    if (where.begin == where.end) return false;
    const struct source *source = source_set_at(c->program->sources, where.begin);
    return source && library_owns(source->path, strlen(source->path));
}

/* Declares a name and returns its symbol, even where the name is taken: its node needs a meaning, and later checks
 * then have no special case. */
struct symbol *check_declare(struct checker *c, enum space space, enum symbol_kind kind, struct word name,
                             struct node *node)
{
    struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
    *symbol = (struct symbol){.kind = kind, .name = name.text, .where = name.span, .node = node};
    const struct symbol *there = scope_declare(c->scope, space, symbol);
    if (!there && space == SPACE_TYPE && types_named(c->types, name.text)) report(c, NAME_TAKEN, name.span, name.text);
    if (there) {
        struct diag *diag = report(c, NAME_TAKEN, name.span, name.text);
        diag_note(diag, there->where, "declared here");
        if (is_of_library(c, name.span) != is_of_library(c, there->where))
            diag_hint(diag, "a module of the library is here too, as another one imports it: give the file's names "
                            "another beginning");
    }
    return symbol;
}

/* The language's own */

static const struct type *attribute_type(struct checker *c, const struct attribute_row *row)
{
    const struct type *type = checker_base(c, row->type);
    if (!strcmp(row->name, "media")) type = c->media_type;
    if (!strcmp(row->name, "this_dn")) type = checker_base(c, LANG_DN);
    if (!strcmp(row->name, "parties")) type = types_list(c->types, c->party_type);
    if (!strcmp(row->name, "call_type")) type = c->call_type_type;
    return row->optional ? types_option(c->types, type) : type;
}

static void declare_weekday(struct checker *c)
{
    static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    static const uint32_t numbers[] = {0, 1, 2, 3, 4, 5, 6};
    static const struct enumeration weekday = {"weekday", words, numbers, 7, true, false};
    c->weekday_type = types_enum(c->types, &weekday);
    struct symbol *symbol = check_declare(c, SPACE_TYPE, SYMBOL_ENUMERATION, (struct word){.text = "weekday"}, NULL);
    symbol->type = c->weekday_type;
    symbol->used = true;
}

/* The states of an agent that a strategy may ask for: the words after these appear in events only. */
static const struct type *agent_state_type(struct checker *c)
{
    struct enumeration *states = step_enumeration_named(c->arena, "agent_state");
    uint32_t count = 0;
    while (count < states->count && strcmp(states->words[count], "dnd_on") != 0) count++;
    states->count = count;
    return types_enum(c->types, states);
}

/* Declares the types of the attribute `parties`: the enumeration party_role and the record party. */
static void declare_party(struct checker *c)
{
    struct type_field *fields = ARENA_ARRAY(c->arena, struct type_field, 3);
    fields[0] = (struct type_field){.name = "dn", .type = checker_base(c, LANG_DN)};
    const struct type *role = types_enum(c->types, step_enumeration_named(c->arena, "party_role"));
    struct symbol *roles = check_declare(c, SPACE_TYPE, SYMBOL_ENUMERATION, (struct word){.text = "party_role"}, NULL);
    roles->type = role; /* `agent` is a reserved word, but may follow a dot */
    roles->used = true;
    fields[1] = (struct type_field){.name = "role", .type = role};
    fields[2] = (struct type_field){.name = "agent", .type = types_option(c->types, checker_base(c, LANG_AGENT))};
    struct record *party = ARENA_NEW(c->arena, struct record);
    *party = (struct record){.name = "party", .fields = fields, .count = 3, .told = true, .depth = 1};
    c->party_type = types_record(c->types, party);
    struct symbol *symbol = check_declare(c, SPACE_TYPE, SYMBOL_RECORD, (struct word){.text = "party"}, NULL);
    symbol->type = c->party_type;
    symbol->used = true;
}

static void declare_attributes(struct checker *c)
{
    c->media_type = types_enum(c->types, own_media_words(c->arena, c->program));
    c->call_type_type = types_enum(c->types, step_enumeration_named(c->arena, "call_type"));
    c->code_type = types_enum(c->types, step_enumeration_named(c->arena, "code"));
    c->tone_type = types_enum(c->types, step_enumeration_named(c->arena, "tone"));
    c->cause_type = types_enum(c->types, step_enumeration_named(c->arena, "cause"));
    c->agent_state_type = agent_state_type(c);
    c->checked->code_type = c->code_type;
    declare_weekday(c);
    declare_party(c);
    for (uint32_t i = 0; i < attribute_row_count; i++) {
        struct word name = {.text = attribute_rows[i].name};
        struct symbol *symbol = check_declare(c, SPACE_PLAIN, SYMBOL_ATTRIBUTE, name, NULL);
        symbol->type = attribute_type(c, &attribute_rows[i]);
        symbol->index = i;
    }
}

/* Records */

static void declare_record(struct checker *c, struct node *node)
{
    struct record *record = ARENA_NEW(c->arena, struct record);
    *record = (struct record){.name = node->record.name.text};
    struct symbol *symbol = check_declare(c, SPACE_TYPE, SYMBOL_RECORD, node->record.name, node);
    symbol->type = types_record(c->types, record);
    node->meaning = record;
    node->type = symbol->type;
}

/* The fields may be of records that have no fields yet; only check_record_depth() looks into them, later. */
static void fill_record(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_RECORD);
    struct record *record = node->meaning;
    struct type_field *fields = ARENA_ARRAY(c->arena, struct type_field, node->record.fields.count + 1);
    uint32_t count = 0;
    EACH_NODE (field, node->record.fields) {
        struct word name = field->field.name;
        if (count == RECORD_WIDEST) {
            report(c, RECORD_TOO_WIDE, name.span, record->name, RECORD_WIDEST);
            break;
        }
        for (uint32_t i = 0; i < count; i++)
            if (!strcmp(fields[i].name, name.text)) report(c, NAME_TAKEN, name.span, name.text);
        const struct type *type = check_type(c, field->field.type);
        if (!type_is_data(type)) hint_blob(report(c, NOT_DATA, field->field.type->span, type->text), type);
        fields[count++] = (struct type_field){.name = name.text, .type = type, .secret = field->field.secret};
    }
    record->fields = fields;
    record->count = count;
}

static void declare_enum(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_ENUM);
    struct enumeration *enumeration = ARENA_NEW(c->arena, struct enumeration);
    size_t count = node->enumeration.words.count;
    const char **words = ARENA_ARRAY(c->arena, const char *, count + 1);
    uint32_t *numbers = ARENA_ARRAY(c->arena, uint32_t, count + 1);
    *enumeration = (struct enumeration){node->enumeration.name.text, words, numbers, 0, true, false};
    EACH_NODE (word, node->enumeration.words) {
        struct word name = word->label.name;
        for (uint32_t i = 0; i < enumeration->count; i++)
            if (!strcmp(words[i], name.text)) report(c, NAME_TAKEN, name.span, name.text);
        if (enumeration->count == RECORD_WIDEST) {
            report(c, RECORD_TOO_WIDE, name.span, enumeration->name, RECORD_WIDEST);
            break;
        }
        numbers[enumeration->count] = enumeration->count;
        words[enumeration->count++] = name.text;
    }
    struct symbol *symbol = check_declare(c, SPACE_TYPE, SYMBOL_ENUMERATION, node->enumeration.name, node);
    symbol->type = types_enum(c->types, enumeration);
}

/* Returns how deep values of the type nest; more than RECORD_DEEPEST also for a record that contains itself. Each
 * record is looked at once: otherwise a few records that hold each other several times would take for ever. */
static uint32_t type_depth_within(const struct type *type, uint32_t left)
{
    if (left == 0) return RECORD_DEEPEST + 1;
    if (type->of) return type_depth_within(type->of, left - 1) + (type->kind != LANG_OPTION);
    if (type->kind != LANG_RECORD) return 0;
    struct record *record = (struct record *)type->record;
    if (record->depth) return record->depth;
    /* while the fields are searched, a field whose type contains this record again finds this depth */
    record->depth = RECORD_DEEPEST + 1;
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        uint32_t depth = type_depth_within(record->fields[i].type, left - 1);
        if (depth > deepest) deepest = depth;
    }
    return record->depth = deepest + 1;
}

/* The site */

void check_add_site_name(struct checker *c, struct symbol *symbol, enum lang_type kind)
{
    struct checked *checked = c->checked;
    uint32_t which = kind - LANG_SKILL, count = checked->name_counts[which]++;
    if ((count & (count + 1)) == 0) /* count is 2^n - 1: the array is full, so its room doubles */
        checked->names[which] = arena_grow(c->arena, checked->names[which], count * sizeof(struct symbol *),
                                           (2 * count + 1) * sizeof(struct symbol *));
    checked->names[which][count] = symbol;
}

static void declare_name(struct checker *c, struct word name, struct node *node, enum lang_type kind)
{
    struct symbol *symbol = check_declare(c, scope_space(kind), SYMBOL_NAME, name, node);
    symbol->type = checker_base(c, kind);
    symbol->index = c->checked->name_counts[kind - LANG_SKILL];
    check_add_site_name(c, symbol, kind);
}

/* Declares a zone that the site names in another place: it is one of the site's zones without a declaration. */
static void declare_zone(struct checker *c, struct word zone, struct node *item)
{
    if (zone.text && zone_exists(zone.text) && !scope_find(c->scope, scope_space(LANG_ZONE), zone.text))
        declare_name(c, zone, item, LANG_ZONE);
}

/* Returns the zone that `default zone` names; without a text: the site has none. */
static struct word site_default_zone(const struct node *site)
{
    EACH_NODE (item, site->site.items)
        if (item->kind == NODE_SITE_DEFAULT && strcmp(item->site_default.name.text, "zone") == 0 &&
            item->site_default.value->kind == NODE_STRING)
            return (struct word){.text = item->site_default.value->string.text.bytes,
                                 .span = item->site_default.value->span};
    return (struct word){.text = NULL};
}

/* A schedule that names no zone uses the site's. */
static void declare_zones(struct checker *c, struct node *site)
{
    assert(site->kind == NODE_SITE);
    struct word usual = site_default_zone(site);
    EACH_NODE (item, site->site.items) {
        if (item->kind == NODE_SITE_SCHEDULE && !item->schedule.zone.text) item->schedule.zone = usual;
        if (item->kind == NODE_SITE_SCHEDULE) declare_zone(c, item->schedule.zone, item);
        if (item->kind != NODE_SITE_DEFAULT || strcmp(item->site_default.name.text, "zone") != 0) continue;
        const struct node *value = item->site_default.value;
        if (value->kind == NODE_STRING)
            declare_zone(c, (struct word){.text = value->string.text.bytes, .span = value->span}, item);
    }
}

static void declare_site_names(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_NAMES);
    enum lang_type kind = kind_type(item->site_names.kind);
    if (kind == LANG_AGENT || kind == LANG_DN) { /* an image has no names of agents and numbers */
        diag_hint(report(c, KIND_OF_DIRECTORY, item->span, ast_kind_word(item->site_names.kind)),
                  "leave it out: directory.sql declares them");
        return;
    }
    const struct node *before = NULL; /* the earlier declaration of the name that was just found to be taken */
    EACH_NODE (label, item->site_names.labels) {
        struct word name = label->label.name;
        const struct symbol *there = scope_find(c->scope, scope_space(kind), name.text);
        bool follows = before && there && there->node == before->next; /* the whole list is there twice */
        before = there ? there->node : NULL;
        if (follows) continue;
        if (kind == LANG_ZONE && !zone_exists(name.text))
            report(c, NO_ZONE, name.span, name.text);
        else
            declare_name(c, name, label, kind);
    }
}

static struct symbol *declare_key(struct checker *c, struct node *field, uint32_t index)
{
    assert(field->kind == NODE_FIELD);
    const struct type *type = check_type(c, field->field.type);
    struct word name = field->field.name;
    if (!type_is_data(type)) {
        hint_blob(report(c, NOT_DATA, field->field.type->span, type->text), type);
        type = checker_base(c, LANG_POISON);
    }
    if (type_is_poison(type)) lost_key_add(c->program, NULL, name.text);
    const struct symbol *there = check_key_name(c, name);
    struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
    *symbol = (struct symbol){.kind = SYMBOL_KEY,
                              .name = name.text,
                              .where = name.span,
                              .type = type,
                              .index = index,
                              .node = field,
                              .hides = there && there->kind != SYMBOL_ATTRIBUTE ? there : NULL,
                              .secret = field->field.secret};
    scope_declare(c->scope, SPACE_PLAIN, symbol);
    return symbol;
}

/* The values that a signal brings form a record of its own. */
static void declare_signal(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_SITE_SIGNAL);
    struct record *record = ARENA_NEW(c->arena, struct record);
    struct type_field *fields = ARENA_ARRAY(c->arena, struct type_field, node->signal.params.count + 1);
    struct symbol *symbol = check_declare(c, SPACE_SIGNAL, SYMBOL_SIGNAL, node->signal.name, node);
    *record = (struct record){.name = symbol->name, .fields = fields};
    EACH_NODE (param, node->signal.params) {
        struct word name = param->param.name;
        if (record->count == RECORD_WIDEST) {
            report(c, RECORD_TOO_WIDE, name.span, record->name, RECORD_WIDEST);
            break;
        }
        for (uint32_t i = 0; i < record->count; i++)
            if (!strcmp(fields[i].name, name.text)) report(c, NAME_TAKEN, name.span, name.text);
        const struct type *type = check_type(c, param->param.type);
        if (!type_is_data(type)) report(c, NOT_DATA, param->param.type->span, type->text);
        if (param->param.value) report(c, SIGNAL_DEFAULT, param->param.value->span);
        fields[record->count++] = (struct type_field){.name = name.text, .type = type};
    }
    symbol->type = types_record(c->types, record);
}

/* Declares the site's items in the order of the file. No value of another item is read here: check_site_item() reads
 * values when the constants are known. */
static void declare_site(struct checker *c, struct node *site)
{
    assert(site->kind == NODE_SITE);
    EACH_NODE (item, site->site.items) {
        if (item->kind == NODE_SITE_NAMES)
            declare_site_names(c, item);
        else if (item->kind == NODE_SITE_SOURCE) {
            struct symbol *symbol =
                check_declare(c, scope_space(LANG_SOURCE), SYMBOL_SOURCE, item->site_source.name, item);
            symbol->type = checker_base(c, LANG_SOURCE);
        } else if (item->kind == NODE_SITE_KEYS) {
            EACH_NODE (field, item->site_keys.fields) {
                if (c->site_key_count >= KEYS_MAX) {
                    report(c, TOO_MANY_KEYS, field->span, KEYS_MAX);
                    break;
                }
                c->site_keys[c->site_key_count] = declare_key(c, field, c->site_key_count);
                c->site_key_count++;
            }
        } else if (item->kind == NODE_SITE_DEFAULT) {
            check_declare_default(c, item);
        } else if (item->kind == NODE_SITE_PARAMETER || item->kind == NODE_SITE_TABLE ||
                   item->kind == NODE_SITE_SCHEDULE) {
            check_declare_setting(c, item);
        } else if (item->kind == NODE_SITE_VIRTUAL) {
            check_declare_virtual(c, item);
        } else if (item->kind == NODE_SITE_SIGNAL) {
            declare_signal(c, item);
        } else if (item->kind == NODE_SITE_MEDIUM) {
            continue; /* a medium is no name of the program: its name is allowed only where media are */
        } else if (item->kind == NODE_SITE_ENDPOINT) {
            check_declare_endpoint(c, check_declare(c, SPACE_ENDPOINT, SYMBOL_ENDPOINT, item->endpoint.name, item));
        } else {
            check_declare_statistic(c, item);
        }
    }
    declare_zones(c, site);
}

static void check_site_item(struct checker *c, struct node *site)
{
    assert(site->kind == NODE_SITE);
    EACH_NODE (item, site->site.items)
        if (item->kind == NODE_SITE_DEFAULT)
            check_default(c, item);
        else
            check_setting(c, item);
    check_statistics(c, site);
    own_media_check(c, site);
}

/* Functions */

struct body *check_body_new(struct checker *c, enum body_kind kind, const char *name, struct node *node)
{
    struct body *body = ARENA_NEW(c->arena, struct body);
    *body = (struct body){.kind = kind, .name = name, .node = node, .block = node, .media = media_set_all()};
    return body;
}

/* Adds a body to the list, whose order is that of lowering: a body is added when it has been checked, so after all
 * that it calls and all bodies within it. */
void check_body_done(struct checker *c, struct body *body)
{
    if (c->checked->last_body)
        c->checked->last_body->next = body;
    else
        c->checked->bodies = body;
    c->checked->last_body = body;
    c->checked->functions++;
    body->done = true;
}

/* Strategies */

static void say_unknown_medium(struct checker *c, struct source_span where, const char *name)
{
    const char *near = own_media_near(c->program, name);
    struct diag *diag = report(c, UNKNOWN_MEDIUM, where, name);
    if (near)
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
    else
        diag_hint(diag, "voice, voice.consult, email, chat, sms and others");
}

struct media_set check_media(struct checker *c, const struct nodes *named)
{
    struct media_set media = {{0}};
    EACH_NODE (medium, *named) {
        const char *name = node_dotted(c->arena, medium);
        struct media_set bit = name ? media_bit(own_media_word(c->program, name)) : (struct media_set){{0}};
        if (media_set_is_empty(bit)) say_unknown_medium(c, medium->span, name ? name : "this");
        media = media_set_or(media, bit);
    }
    return media;
}

static void declare_keys(struct checker *c, struct strategy *strategy)
{
    memcpy(strategy->keys, c->site_keys, sizeof strategy->keys);
    strategy->key_count = c->site_key_count;
    check_declare_given(c, strategy);
    EACH_NODE (field, strategy->node->strategy.attached) {
        if (strategy->key_count >= KEYS_MAX) {
            report(c, TOO_MANY_KEYS, field->span, KEYS_MAX);
            return;
        }
        strategy->keys[strategy->key_count] = declare_key(c, field, strategy->key_count);
        strategy->key_count++;
    }
}

static void add_signal(struct checker *c, struct strategy *strategy, struct symbol *signal, enum ir_event event,
                       struct body *body, struct word name)
{
    for (const struct signal_handler *other = strategy->signals; other; other = other->next)
        if (other->signal == signal && other->event == event)
            diag_note(report(c, HANDLER_TWICE, name.span, name.text),
                      signal ? other->body->node->handler.signal.span : other->body->node->handler.event.span,
                      "here before");
    struct signal_handler *handler = ARENA_NEW(c->arena, struct signal_handler);
    *handler = (struct signal_handler){.signal = signal, .event = event, .body = body};
    *(strategy->last_signal ? &strategy->last_signal->next : &strategy->signals) = handler;
    strategy->last_signal = handler;
}

/* Returns the event of consultations that the word names; IR_ON_SIGNAL for any other word. */
static enum ir_event event_named(const char *text)
{
    return !strcmp(text, "transferred")     ? IR_ON_TRANSFERRED
           : !strcmp(text, "main_released") ? IR_ON_MAIN_RELEASED
                                            : IR_ON_SIGNAL;
}

/* Checks a handler: a body like the strategy's own, but with only the keys known that the strategy is given, as it
 * may run from the first moment on. A handler must end by itself, which is why it may neither loop around a wait nor
 * jump to a label of the strategy. */
static void check_handler(struct checker *c, struct strategy *strategy, struct node *node)
{
    assert(node->kind == NODE_HANDLER);
    struct word event = node->handler.event, binding = node->handler.binding;
    struct symbol *signal = node->handler.signal.text ? check_signal(c, node->handler.signal) : NULL;
    if (node->handler.signal.text) event = node->handler.signal;
    bool on_signal = node->handler.signal.text != NULL;
    bool abandoned = !on_signal && !strcmp(event.text, "abandoned"), error = !on_signal && !strcmp(event.text, "error");
    struct body *body =
        check_body_new(c, BODY_HANDLER, arena_printf(c->arena, "%s.%s", strategy->name, event.text), node);
    struct body **place = abandoned ? &strategy->abandoned : &strategy->error;
    if (on_signal) {
        if (signal) add_signal(c, strategy, signal, IR_ON_SIGNAL, body, event);
    } else if (event_named(event.text) != IR_ON_SIGNAL) {
        add_signal(c, strategy, NULL, event_named(event.text), body, event);
        if (media_set_is_empty(media_set_and(strategy->media, media_bit("voice.consult"))))
            diag_hint(report(c, CONSULT_HANDLER, event.span, event.text), "strategy %s on voice.consult",
                      strategy->name);
        if (binding.text) report(c, HANDLER_NAMES, binding.span, event.text);
    } else if (!abandoned && !error) {
        diag_hint(report(c, UNKNOWN_HANDLER, event.span, event.text),
                  "on abandoned, on error, on transferred, on main_released, on signal");
    } else if (*place) {
        diag_note(report(c, HANDLER_TWICE, event.span, event.text), (*place)->node->handler.event.span, "here before");
    } else {
        *place = body;
    }
    if (abandoned && binding.text) report(c, HANDLER_BINDING, binding.span);
    if (signal && binding.text && !signal->node->signal.params.count) {
        report(c, HANDLER_NAMES, binding.span, event.text);
        signal = NULL; /* the signal has no fields, so the names that the handler binds cannot be checked */
    }
    body->block = node->handler.body;
    body->strategy = strategy;
    body->media = strategy->media;
    body->waits = true;
    c->body = body;
    check_flow_begin(c, body);
    c->state.keys = c->given;
    scope_enter(c->scope);
    if (binding.text) {
        body->params = ARENA_ARRAY(c->arena, struct symbol *, 1);
        body->params[body->param_count++] = check_declare_local(
            c, binding,
            signal ? signal->type
                   : checker_base(c, on_signal || event_named(event.text) != IR_ON_SIGNAL ? LANG_POISON : LANG_ERROR));
        state_set_local(&c->state, body->params[0]);
    }
    check_block(c, body->block);
    scope_leave(c->scope);
    check_flow_end(c, body, event.span);
    check_body_done(c, body);
    c->body = NULL;
}

/* The strategy's keys are visible in its body and its handlers only, so they are declared in a scope of their own. */
static void check_strategy(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_STRATEGY);
    struct strategy *strategy = node->meaning;
    strategy->media = check_media(c, &node->strategy.media);
    if (node->strategy.within) check_as(c, node->strategy.within, checker_base(c, LANG_DURATION));
    scope_enter(c->scope);
    declare_keys(c, strategy);
    struct body *body = check_body_new(c, BODY_STRATEGY, strategy->name, node);
    body->block = node->strategy.body;
    body->strategy = strategy;
    body->media = strategy->media;
    body->waits = true;
    strategy->body = body;
    c->busy_count = 0;
    c->body = body;
    check_flow_begin(c, body);
    c->state.keys = c->given;
    check_block(c, body->block);
    check_flow_end(c, body, node->strategy.name.span);
    check_body_done(c, body);
    c->body = NULL;
    EACH_NODE (handler, node->strategy.handlers) check_handler(c, strategy, handler);
    scope_leave(c->scope);
    c->given = 0;
}

/* The site's busy block is one body for all selections without a busy block of their own, and is checked once,
 * before all selections. */
static void check_default_busy(struct checker *c)
{
    struct node *block = c->defaults[CLAUSE_BUSY];
    if (!block || block->kind != NODE_BLOCK) return;
    check_called(c, block);
    struct body *body = check_body_new(c, BODY_BUSY, "busy", block);
    body->waits = true;
    body->selects = true;
    c->body = body;
    check_flow_begin(c, body);
    check_rounds(c, block);
    check_flow_end(c, body, block->span);
    check_body_done(c, body);
    c->body = NULL;
    c->default_busy = body;
}

/* Goes through all declarations of one kind, in the order of the files. */
static void check_each(struct checker *c, enum node_kind kind, void (*visit)(struct checker *, struct node *))
{
    EACH_NODE (file, c->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == kind) visit(c, node);
}

static void declare_plain(struct checker *c, struct node *node)
{
    if (node->kind == NODE_CONST)
        node->meaning = check_declare(c, SPACE_PLAIN, SYMBOL_CONST, node->constant.name, node);
    else if (node->kind == NODE_STRATEGY)
        check_declare(c, SPACE_PLAIN, SYMBOL_STRATEGY, node->strategy.name, node);
    else {
        bool native = node->kind == NODE_NATIVE;
        struct word name = native ? node->native.name : node->function.name;
        /* a record is made by a call, as f(...), too */
        const struct symbol *record = scope_find(c->scope, SPACE_TYPE, name.text);
        if (record) diag_note(report(c, NAME_TAKEN, name.span, name.text), record->where, "declared here");
        node->meaning = check_declare(
            c, SPACE_PLAIN, !native && node->function.waits ? SYMBOL_SUBROUTINE : SYMBOL_FUNCTION, name, node);
    }
}

static void check_record_depth(struct checker *c, struct node *node)
{
    if (type_depth_within(node->type, 4 * RECORD_DEEPEST) <= RECORD_DEEPEST) return;
    diag_hint(report(c, RECORD_TOO_DEEP, node->record.name.span, node->record.name.text),
              "a record cannot contain itself");
    ((struct record *)node->meaning)->count = 0; /* so that no later check follows the record into itself */
}

static void order_node(struct checker *c, struct node *node)
{
    struct symbol *symbol = node->meaning;
    check_function_and_callees(c, symbol, NULL);
}

struct checked *check_program(struct program *program)
{
    struct checker *c = ARENA_NEW(program->arena, struct checker);
    c->program = program;
    c->arena = program->arena;
    c->diags = program->diags;
    c->types = types_new(c->arena);
    c->scope = scope_new(c->arena);
    c->regex_work = REGEX_WORK;
    c->checked = ARENA_NEW(c->arena, struct checked);
    c->checked->types = c->types;
    declare_attributes(c);
    check_languages(c);
    scope_enter(c->scope);
    check_each(c, NODE_ENUM, declare_enum);
    check_each(c, NODE_RECORD, declare_record);
    check_each(c, NODE_RECORD, fill_record);
    check_each(c, NODE_RECORD, check_record_depth);
    check_each(c, NODE_SITE, declare_site);
    check_each(c, NODE_CONST, declare_plain);
    check_each(c, NODE_NATIVE, declare_plain);
    check_each(c, NODE_FUNCTION, declare_plain);
    check_each(c, NODE_STRATEGY, declare_plain);
    check_constants(c);
    check_each(c, NODE_SITE, check_site_item);
    check_each(c, NODE_NATIVE, check_declare_native);
    check_each(c, NODE_STRATEGY, check_declare_strategy);
    check_each(c, NODE_FUNCTION, check_declare_function);
    check_default_busy(c); /* before subroutines, whose selections have it, too */
    check_each(c, NODE_FUNCTION, order_node);
    check_each(c, NODE_STRATEGY, check_given_defaults);
    check_each(c, NODE_STRATEGY, check_secret_keys);
    check_each(c, NODE_STRATEGY, check_strategy);
    scope_leave(c->scope);
    c->checked->site_keys = c->site_keys;
    c->checked->site_key_count = c->site_key_count;
    secrets_free(c);
    return c->checked;
}
