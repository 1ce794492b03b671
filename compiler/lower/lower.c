/* compiler/lower/lower.c - Lowers the program: types, names, keys, and its functions, callees before callers.
 *
 * Each type of the language becomes one row of the program's table; records come before the records that contain
 * them. Functions are lowered when all types are known: an instruction names a function by its number, so the callee
 * comes first.
 *
 * The order of lowering follows from the references:
 *
 *     sources, names, constants     need nothing else
 *     settings, capacities, natives   take constants
 *     functions                     name settings, constants, and functions that stand before them
 *     strategies                    name their functions
 *     conditions of waits           are looked at last, when all that they call is known
 *
 * checked->bodies has the functions in an order in which a callee, a busy block and a child of a race come before
 * the body that uses them; lower_body() only follows it. Of a program with errors only the settings and what comes
 * before them are lowered. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

#include "compiler/check/own_media.h"
#include "base/regex.h"

/* Types */

static uint32_t base_type(enum lang_type kind)
{
    static const uint8_t types[] = {[LANG_INT] = IR_INT,
                                    [LANG_ENUM] = IR_INT,
                                    [LANG_FLOAT] = IR_FLOAT,
                                    [LANG_DATE] = IR_DATE,
                                    [LANG_CLOCK] = IR_CLOCK,
                                    [LANG_LOCAL] = IR_TIME, /* a local time, stored as if its zone were UTC */
                                    [LANG_PLACE] = IR_PLACE,
                                    [LANG_WORKBIN] = IR_WORKBIN,
                                    [LANG_TEMPLATE] = IR_TEMPLATE,
                                    [LANG_CATEGORY] = IR_CATEGORY,
                                    [LANG_BOOL] = IR_BOOL,
                                    [LANG_STR] = IR_STR,
                                    [LANG_DN] = IR_STR, /* its number */
                                    [LANG_DURATION] = IR_DURATION,
                                    [LANG_TIME] = IR_TIME,
                                    [LANG_PERCENT] = IR_PERCENT,
                                    [LANG_VALUE] = IR_VALUE,
                                    [LANG_SKILL] = IR_SKILL,
                                    [LANG_GROUP] = IR_GROUP,
                                    [LANG_VQ] = IR_VQ,
                                    [LANG_QUEUE] = IR_QUEUE,
                                    [LANG_PROMPT] = IR_PROMPT,
                                    [LANG_SOURCE] = IR_SOURCE,
                                    [LANG_AGENT] = IR_AGENT,
                                    [LANG_TARGET] = IR_TARGET,
                                    [LANG_ERROR] = IR_ERROR,
                                    [LANG_BLOB] = IR_BLOB,
                                    [LANG_SCHEDULE] = IR_SCHEDULE,
                                    [LANG_ZONE] = IR_ZONE,
                                    [LANG_STRATEGY] = IR_STRATEGY,
                                    [LANG_CAMPAIGN] = IR_CAMPAIGN};
    assert(kind < sizeof types / sizeof *types && (types[kind] != IR_VOID || kind == LANG_VOID));
    return types[kind];
}

static uint32_t make_record(struct lowerer *l, const struct record *record)
{
    struct ir_field *fields = ARENA_ARRAY(l->arena, struct ir_field, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++)
        fields[i] =
            (struct ir_field){record->fields[i].name, lower_type(l, record->fields[i].type), record->fields[i].secret};
    return ir_record(l->ir, record->name, fields, record->count);
}

/* Makes the row of an enumeration, with its words at the indices of their numbers. */
static uint32_t make_enum(struct lowerer *l, const struct enumeration *enumeration)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < enumeration->count; i++)
        if (enumeration->numbers[i] >= count) count = enumeration->numbers[i] + 1;
    const char **words = ARENA_ARRAY(l->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) words[i] = "";
    for (uint32_t i = 0; i < enumeration->count; i++) words[enumeration->numbers[i]] = enumeration->words[i];
    return ir_enum(l->ir, enumeration->name, words, count);
}

static bool has_row(const struct type *type)
{
    return type->kind == LANG_LIST || type->kind == LANG_MAP || type->kind == LANG_RECORD || type->kind == LANG_ENUM;
}

uint32_t lower_type(struct lowerer *l, const struct type *type)
{
    if (type->kind == LANG_ENUM && !type->enumeration->own) return IR_INT;
    return lower_row(l, type);
}

/* The row is found again by the type's index, since a type is one object however often it is written (types.c). A
 * type refers only to rows that were made before it, so the recursion ends: no type contains itself. */
uint32_t lower_row(struct lowerer *l, const struct type *type)
{
    assert(!type_is_poison(type)); /* a program with errors is not lowered */
    if (type->kind == LANG_OPTION) return lower_type(l, type->of) | IR_OPTIONAL;
    if (type->kind == LANG_NONE) return IR_INT | IR_OPTIONAL; /* a `none` whose type is not known */
    if (!has_row(type)) return base_type(type->kind);
    if (type->index >= l->type_room) {
        uint32_t room = 2 * type->index + 64;
        l->types = arena_grow(l->arena, l->types, l->type_room * sizeof *l->types, room * sizeof *l->types);
        memset(l->types + l->type_room, 0xff, (room - l->type_room) * sizeof *l->types);
        l->type_room = room;
    }
    if (l->types[type->index] != IR_NONE) return l->types[type->index];
    uint32_t row = type->kind == LANG_RECORD ? make_record(l, type->record)
                   : type->kind == LANG_ENUM ? make_enum(l, type->enumeration)
                   : type->kind == LANG_LIST ? ir_list(l->ir, lower_type(l, type->of))
                                             : ir_map(l->ir, lower_type(l, type->of));
    l->types[type->index] = row;
    return row;
}

/* Instructions */

struct ir_instruction *lower_add(struct lowerer *l, enum ir_op op)
{
    struct ir_instruction *instruction = ir_add(l->ir, l->function, op);
    instruction->place = l->place;
    return instruction;
}

struct ir_instruction *lower_add_ab(struct lowerer *l, enum ir_op op, uint32_t a, uint32_t b)
{
    struct ir_instruction *instruction = lower_add(l, op);
    instruction->operand[0] = a;
    instruction->operand[1] = b;
    return instruction;
}

struct ir_instruction *lower_add_abc(struct lowerer *l, enum ir_op op, uint32_t a, uint32_t b, uint32_t c)
{
    struct ir_instruction *instruction = lower_add_ab(l, op, a, b);
    instruction->operand[2] = c;
    return instruction;
}

void lower_add_label(struct lowerer *l, uint32_t label)
{
    assert(label < l->function->labels);
    lower_add(l, I_LABEL)->label = label;
}

struct ir_instruction *lower_add_jump(struct lowerer *l, enum ir_op op, uint32_t reg, uint32_t label)
{
    assert(label < l->function->labels);
    struct ir_instruction *instruction = lower_add(l, op);
    instruction->operand[0] = reg;
    instruction->label = label;
    return instruction;
}

uint32_t lower_new_label(struct lowerer *l)
{
    return ir_label(l->function);
}

uint32_t lower_new_register(struct lowerer *l, uint32_t type)
{
    return ir_register(l->ir, l->function, type, NULL);
}

/* Names the register: the debugger and `why` show the author's name. The register counts as secret where any value
 * from which it was computed is secret, including parameters to which some caller passes a secret. */
void lower_name_local(struct lowerer *l, uint32_t reg, const struct symbol *symbol)
{
    struct ir_register *row = &l->function->registers[reg];
    row->name = symbol->name;
    row->secret = symbol->secret || symbol->passed_secret;
    for (uint32_t i = 0; l->body && i < l->body->param_count; i++)
        if (symbol->from >> i & 1 && l->body->params[i]->passed_secret) row->secret = true;
}

uint32_t lower_register_type(const struct lowerer *l, uint32_t reg)
{
    assert(reg < l->function->register_count);
    return l->function->registers[reg].type;
}

void lower_move(struct lowerer *l, uint32_t to, uint32_t from)
{
    assert(to < l->function->register_count && from < l->function->register_count);
    if (to != from) lower_add_ab(l, I_MOVE, to, from);
}

/* A small number needs no constant of the image: it is stored in the instruction. An optional register gets its values
 * from constants only, since for the verifier of the VM `T?` is another type than `T`. */
void lower_load(struct lowerer *l, uint32_t reg, const struct ir_constant *constant)
{
    assert(constant && reg < l->function->register_count);
    if (constant->kind == IR_CONSTANT_NONE) {
        lower_add(l, I_LOAD_NONE)->operand[0] = reg;
        return;
    }
    bool small = constant->kind == IR_CONSTANT_WORD && constant->word >= INT16_MIN && constant->word <= INT16_MAX &&
                 constant->type != IR_FLOAT;
    struct ir_instruction *load_it =
        lower_add(l, small && !(lower_register_type(l, reg) & IR_OPTIONAL) ? I_LOAD_INT : I_LOAD);
    load_it->operand[0] = reg;
    if (load_it->op == I_LOAD_INT)
        load_it->literal = constant->word;
    else
        load_it->constant = constant;
}

void lower_at_node(struct lowerer *l, const struct node *node)
{
    struct position position = source_set_position(l->program->sources, node->span.begin);
    if (!position.source) return;
    l->place = (struct ir_place){position.source->path, position.line, position.column};
}

/* Functions */

/* Every path through a body must end: a strategy's by a step that ends it, a function's by a return. The flow checks
 * have reported to the author where a path does not; here it is only asserted. */
static void close_function(struct lowerer *l, const struct body *body)
{
    switch (body->kind) {
    case BODY_FUNCTION:
    case BODY_SUBROUTINE:
        if (body->result->kind == LANG_VOID) lower_add(l, I_RETURN_VOID);
        break;
    case BODY_HANDLER:
    case BODY_BUSY:
        lower_add(l, I_END);
        break;
    case BODY_STRATEGY:
        break;
    }
    bool open = ir_prune(l->function);
    assert(!open || l->function->cut); /* the flow checks have made sure of it */
    (void)open;
}

/* Sets `locale` to the site's default unless it is set already, as an earlier strategy may have set it. This code
 * has no place in the source: the author wrote no such branch, so coverage and mutation ignore it. */
static void default_locale(struct lowerer *l)
{
    uint32_t row = 0, none = lower_new_label(l);
    struct ir_place place = l->place;
    l->place = (struct ir_place){0};
    while (strcmp(attribute_rows[row].name, "locale") != 0) row++;
    uint32_t locale = lower_new_register(l, IR_STR), empty = lower_new_register(l, IR_STR),
             is_empty = lower_new_register(l, IR_BOOL);
    lower_add_ab(l, I_ATTRIBUTE, locale, attribute_rows[row].number);
    lower_load(l, empty, constant_text(l, "", 0));
    lower_add_abc(l, I_EQ_STR, is_empty, locale, empty);
    lower_add_jump(l, I_JFALSE, is_empty, none);
    lower_load(l, locale, constant_text(l, l->checked->locale, strlen(l->checked->locale)));
    lower_add_ab(l, I_ATTRIBUTE_SET, locale, attribute_rows[row].number);
    lower_add_label(l, none);
    l->place = place;
}

/* Makes one function from a body. The lowerer's fields below are the state of the function being made; only one
 * function is made at a time, except that a latch's function may be made in the middle of another (latch.c). */
static void lower_body(struct lowerer *l, struct body *body)
{
    static const enum ir_function_kind kinds[] = {[BODY_STRATEGY] = IR_STRATEGY_BODY,
                                                  [BODY_HANDLER] = IR_HANDLER,
                                                  [BODY_FUNCTION] = IR_PLAIN,
                                                  [BODY_SUBROUTINE] = IR_SUBROUTINE,
                                                  [BODY_BUSY] = IR_BUSY};
    struct made_function *made = ARENA_NEW(l->arena, struct made_function);
    uint32_t result = body->result ? lower_type(l, body->result) : IR_VOID;
    struct ir_function *function = ir_function_new(l->ir, kinds[body->kind], body->name, result);
    *made = (struct made_function){.body = body, .function = function};
    body->made = made;
    function->strategy = body->strategy ? body->strategy->number : IR_NONE;
    bool busy = body->kind == BODY_BUSY;
    function->parameters = busy ? body->capture_count : body->param_count;
    function->begin = body->node->span.begin;
    function->end = body->node->span.end;
    l->function = function;
    l->body = body;
    l->loop = NULL;
    l->lines = 0;
    l->splits = 0;
    l->label = NULL;
    l->mandatory = NULL;
    memset(l->locals, 0xff, sizeof l->locals);
    for (uint32_t i = 0; i < function->parameters; i++) {
        const struct symbol *symbol = busy ? body->captures[i] : body->params[i];
        uint32_t reg = lower_new_register(l, lower_type(l, symbol->type));
        lower_name_local(l, reg, symbol);
        l->locals[symbol->index] = reg;
    }
    lower_at_node(l, body->node);
    if (body->kind == BODY_STRATEGY && !body->child && l->checked->locale) default_locale(l);
    if (body->rests) lower_rest(l, body->needs);
    if (body->child)
        lower_child(l, body);
    else
        lower_block(l, body->block);
    close_function(l, body);
    ir_function_add(l->ir, function);
}

/* Names, keys, strategies */

static void lower_signals(struct lowerer *l, const struct strategy *strategy, struct ir_strategy *row)
{
    uint32_t count = 0;
    for (const struct signal_handler *on = strategy->signals; on; on = on->next) count++;
    row->signals = ARENA_ARRAY(l->arena, struct ir_signal, count + 1);
    for (const struct signal_handler *on = strategy->signals; on; on = on->next)
        row->signals[row->signal_count++] =
            (struct ir_signal){on->signal ? on->signal->name : "", on->event, on->body->made->function};
}

static void lower_names(struct lowerer *l)
{
    const struct checked *checked = l->checked;
    uint32_t count = 0;
    for (uint32_t kind = 0; kind <= LANG_TARGET - LANG_SKILL; kind++) count += checked->name_counts[kind];
    l->ir->names = ARENA_ARRAY(l->arena, struct ir_name, count + 1);
    for (uint32_t kind = 0; kind <= LANG_TARGET - LANG_SKILL; kind++)
        for (uint32_t i = 0; i < checked->name_counts[kind]; i++)
            l->ir->names[l->ir->name_count++] =
                (struct ir_name){base_type((enum lang_type)(LANG_SKILL + kind)), checked->names[kind][i]->name};
}

/* Returns the default value of a parameter; NULL: none, or the parameter must be given. */
static const struct ir_constant *given_value(struct lowerer *l, const struct symbol *key)
{
    if (!key->given || !key->node->param.value || key->node->param.value->kind == NODE_NONE) return NULL;
    l->in_const = true;
    const struct ir_constant *value = known_value(l, key->node->param.value, key->type);
    l->in_const = false;
    return value;
}

static struct ir_slot *lower_slots(struct lowerer *l, struct symbol *const *keys, uint32_t count)
{
    struct ir_slot *slots = ARENA_ARRAY(l->arena, struct ir_slot, count + 1);
    for (uint32_t i = 0; i < count; i++)
        slots[i] = (struct ir_slot){.name = keys[i]->name,
                                    .type = lower_type(l, keys[i]->type),
                                    .secret = keys[i]->secret,
                                    .given = keys[i]->given,
                                    .value = given_value(l, keys[i])};
    return slots;
}

/* Returns how long an interaction may live in the strategy: as written, else the lifetime of its medium. */
static int64_t lower_lifetime(struct lowerer *l, const struct strategy *strategy)
{
    const struct node *within = strategy->node->strategy.within;
    if (!within) return media_lifetime_s(strategy->media) * 1000000;
    l->in_const = true;
    const struct ir_constant *constant = lower_constant(l, within, NULL);
    l->in_const = false;
    if (!constant) {
        diag_report(l->program->diags, NOT_CONSTANT, within->span);
        return 0;
    }
    if (constant->word < INT64_C(1000000))
        diag_hint(diag_report(l->program->diags, OUTSIDE_BOUNDS, within->span), "a second at least");
    return constant->word;
}

static void lower_strategies(struct lowerer *l)
{
    const struct checked *checked = l->checked;
    l->ir->strategies = ARENA_ARRAY(l->arena, struct ir_strategy, checked->strategy_count + 1);
    l->ir->slots = lower_slots(l, checked->site_keys, checked->site_key_count);
    l->ir->slot_count = checked->site_key_count;
    for (const struct strategy *strategy = checked->strategies; strategy; strategy = strategy->next) {
        struct ir_strategy *row = &l->ir->strategies[l->ir->strategy_count++];
        uint32_t common = checked->site_key_count;
        *row = (struct ir_strategy){.name = strategy->name,
                                    .media = media_numbers(strategy->media),
                                    .lifetime_us = lower_lifetime(l, strategy),
                                    .slots = lower_slots(l, strategy->keys + common, strategy->key_count - common),
                                    .slot_count = strategy->key_count - common,
                                    .body = strategy->body->made->function,
                                    .abandoned = strategy->abandoned ? strategy->abandoned->made->function : NULL,
                                    .error = strategy->error ? strategy->error->made->function : NULL};
        lower_signals(l, strategy, row);
    }
}

/* Makes each constant of the program once: constants may contain constants. */
static void lower_constants(struct lowerer *l)
{
    l->in_const = true;
    for (uint32_t i = 0; i < l->checked->constant_count; i++) {
        struct node *node = l->checked->constants[i];
        struct symbol *symbol = node->meaning;
        l->const_told = false;
        if (type_is_poison(symbol->type)) continue; /* refused */
        symbol->constant = lower_constant(l, node->constant.value, symbol->type);
        if (!symbol->constant && !l->const_told)
            diag_report(l->program->diags, NOT_CONSTANT, node->constant.value->span);
    }
    l->in_const = false;
}

/* Notes the source files, so that readers of the image can tell whether these have changed. */
static void lower_sources(struct lowerer *l)
{
    struct ir_source **last = &l->ir->sources;
    EACH_NODE (file, l->program->files) {
        const struct source *source = source_set_at(l->program->sources, file->span.begin);
        if (!source) continue;
        *last = ARENA_NEW(l->arena, struct ir_source);
        **last = (struct ir_source){.path = source->path, .text = source->text, .length = source->length};
        last = &(*last)->next;
    }
}

static struct lowerer *lowerer_new(struct program *program, struct checked *checked)
{
    struct lowerer *l = ARENA_NEW(program->arena, struct lowerer);
    l->program = program;
    l->checked = checked;
    l->arena = program->arena;
    l->ir = ir_program_new(l->arena);
    l->varies = ARENA_ARRAY(l->arena, bool, program->tree.next_id + 1);
    return l;
}

void lower_look(struct program *program, struct checked *checked)
{
    struct lowerer *l = lowerer_new(program, checked);
    l->refused = diags_errors(program->diags) > 0;
    lower_constants(l);
    constants_look(l);
}

struct ir_program *lower_program(struct program *program, struct checked *checked)
{
    struct lowerer *l = lowerer_new(program, checked);
    lower_sources(l);
    l->regex_work = REGEX_WORK;
    l->labels = ARENA_ARRAY(l->arena, uint32_t, program->tree.next_id + 1);
    lower_names(l);
    l->ir->locale = l->checked->locale;
    for (unsigned i = 0; i < MEDIA_OWN_MAX; i++) l->ir->media[i] = own_media_numbered(l->program, i + 1);
    lower_constants(l);
    constants_look(l);
    if (!diags_errors(program->diags)) lower_settings(l);
    if (!diags_errors(program->diags)) lower_capacities(l), lower_order(l), lower_views(l);
    if (!diags_errors(program->diags)) lower_natives(l);
    if (diags_errors(program->diags)) return l->ir;
    for (struct body *body = checked->bodies; body; body = body->next)
        if (!body->native) lower_body(l, body);
    lower_strategies(l);
    for (uint32_t i = 0; i < l->ir->strategy_count; i++)
        if (has_medium(l->ir->strategies[i].media, media_number("outbound")) && l->ir->zone_count == 0) lower_zones(l);
    lower_untils_check(l);
    return l->ir;
}
