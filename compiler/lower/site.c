/* compiler/lower/site.c - The site's settings: their values as constants, code that reads them, and questions to
 * schedules.
 *
 * A setting's row in the image has its type, its bounds and the value that the site wrote; the directory may change
 * the value while the system runs, so code always reads the setting and never the constant. A schedule is computed
 * with numbers of days and times: each possible zone has code of its own, since the VM needs the zone of a local
 * time at compile time. */
#include <assert.h>
#include <string.h>

#include "compiler/check/own_media.h"
#include "compiler/check/schedule_rows.h"
#include "base/zone.h"
#include "compiler/language/media.h"
#include "compiler/language/steps.h"
#include "compiler/lower/lowerer.h"
#include "vm/bin_view.h"
#include "vm/prefer.h"

const struct ir_constant *known_value(struct lowerer *l, const struct node *node, const struct type *type)
{
    l->const_told = false;
    const struct ir_constant *constant = lower_constant(l, node, type);
    if (!constant && !l->const_told) diag_report(l->program->diags, NOT_CONSTANT, node->span);
    return constant;
}

static int constants_order(const struct ir_constant *a, const struct ir_constant *b)
{
    if (a->kind != IR_CONSTANT_TEXT) return a->word < b->word ? -1 : a->word > b->word;
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shorter);
    return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

static void lower_parameter(struct lowerer *l, struct ir_setting *row, const struct node *node, const struct type *type)
{
    assert(node->kind == NODE_SITE_PARAMETER);
    const struct node *within = node->parameter.within;
    row->kind = IR_SETTING_PARAMETER;
    row->edit = node->parameter.edit.text;
    row->value = known_value(l, node->parameter.value, type);
    if (!within) return;
    row->low = known_value(l, within->range.from, type);
    row->high = known_value(l, within->range.to, type);
    if (!row->value || !row->low || !row->high) return;
    if (constants_order(row->low, row->high) > 0)
        diag_hint(diag_report(l->program->diags, RANGE_EMPTY, within->span), "the smaller one stands first");
    else if (constants_order(row->value, row->low) < 0 || constants_order(row->value, row->high) > 0)
        diag_note(diag_report(l->program->diags, OUTSIDE_BOUNDS, node->parameter.value->span), within->span,
                  "these are its bounds");
}

/* The type of a schedule's numbers. */
static const struct type *numbers_type(struct lowerer *l)
{
    return types_list(l->checked->types, types_base(l->checked->types, LANG_INT));
}

static void lower_schedule(struct lowerer *l, struct ir_setting *row, const struct node *node)
{
    assert(node->kind == NODE_SITE_SCHEDULE);
    size_t count;
    int64_t *numbers = schedule_numbers(l->arena, node, &count);
    struct ir_constant *parts = ARENA_ARRAY(l->arena, struct ir_constant, count + 1);
    for (size_t i = 0; i < count; i++) parts[i] = *constant_word(l, IR_INT, numbers[i]);
    row->kind = IR_SETTING_SCHEDULE;
    row->edit = node->schedule.edit.text;
    row->type = lower_type(l, numbers_type(l));
    row->value = constant_object(l, numbers_type(l), parts, (uint32_t)count);
}

void lower_settings(struct lowerer *l)
{
    const struct checked *checked = l->checked;
    l->ir->settings = ARENA_ARRAY(l->arena, struct ir_setting, checked->setting_count + 1);
    l->in_const = true;
    for (uint32_t i = 0; i < checked->setting_count; i++) {
        const struct symbol *symbol = checked->settings[i];
        struct ir_setting *row = &l->ir->settings[l->ir->setting_count++];
        row->name = symbol->name;
        row->doc = symbol->node->doc;
        row->type = lower_type(l, symbol->type);
        if (symbol->node->kind == NODE_SITE_PARAMETER) {
            lower_parameter(l, row, symbol->node, symbol->type);
        } else if (symbol->node->kind == NODE_SITE_SCHEDULE) {
            lower_schedule(l, row, symbol->node);
        } else {
            row->kind = IR_SETTING_TABLE;
            row->edit = symbol->node->table.edit.text;
            row->value = table_constant(l, symbol);
        }
    }
    l->in_const = false;
}

static bool stands_before(const struct ir_capacity_row *a, const struct ir_capacity_row *b)
{
    if (a->what != b->what) return a->what < b->what;
    return a->medium != b->medium ? a->medium < b->medium : a->number < b->number;
}

/* Adds the rules of a capacity, sorted: two sites that write the same rules in another order have the same image. */
static void lower_capacity(struct lowerer *l, struct ir_capacity *capacity, const struct node *item)
{
    assert(item->kind == NODE_SITE_CAPACITY);
    capacity->name = item->capacity.name.text;
    capacity->rows = ARENA_ARRAY(l->arena, struct ir_capacity_row, item->capacity.rules.count + 1);
    EACH_NODE (rule, item->capacity.rules) {
        const char *verb = rule->capacity_rule.verb.text;
        struct ir_capacity_row row = {
            .medium = (uint8_t)media_number(own_media_word(l->program, rule->capacity_rule.medium.text))};
        row.what = !verb ? 0 : !strcmp(verb, "blocks") ? 1 : 2;
        row.number = (uint8_t)(verb ? media_number(own_media_word(l->program, rule->capacity_rule.other.text))
                                    : rule->capacity_rule.count);
        uint32_t at = capacity->row_count++;
        for (; at > 0 && stands_before(&row, &capacity->rows[at - 1]); at--)
            capacity->rows[at] = capacity->rows[at - 1];
        capacity->rows[at] = row;
    }
}

/* Returns the number of a virtual queue among the names of the image. */
static uint32_t vq_number(const struct lowerer *l, const char *text)
{
    uint32_t at = 0;
    while (at < l->ir->name_count && (l->ir->names[at].type != IR_VQ || strcmp(l->ir->names[at].text, text) != 0)) at++;
    assert(at < l->ir->name_count); /* the checker has found it */
    return at;
}

static void add_preference(struct lowerer *l, const struct ir_preference *row)
{
    struct ir_preference *all = l->ir->preferences;
    uint32_t at = l->ir->preference_count++;
    for (; at > 0 && row->name < all[at - 1].name; at--) all[at] = all[at - 1];
    all[at] = *row;
}

void lower_order(struct lowerer *l)
{
    uint32_t count = 0, rank = 0;
    const struct node *site = l->program->site, *order = NULL;
    if (!site) return;
    EACH_NODE (item, site->site.items)
        if (item->kind == NODE_SITE_ORDER) order = item;
    if (!order) return;
    EACH_NODE (rule, order->order.rules) count += 1 + (uint32_t)rule->order_rule.vqs.count;
    l->ir->preferences = ARENA_ARRAY(l->arena, struct ir_preference, count + 1);
#define PREFER(id, number, word, first, doc)                                                                           \
    if (order->order.by.text && !strcmp(order->order.by.text, word)) l->ir->preference_order = number;
#include "vm/prefer_orders.def"
    EACH_NODE (rule, order->order.rules) {
        int64_t us = 0;
        if (rule->order_rule.after) (void)segment_node_worth(rule->order_rule.after, &us);
        struct ir_preference row = {PREFER_OTHERS, rule->order_rule.never ? 0 : ++rank, (uint32_t)(us / 1000)};
        if (rule->order_rule.others.text) add_preference(l, &row);
        EACH_NODE (vq, rule->order_rule.vqs) {
            row.name = vq_number(l, vq->kind_name.name.text);
            add_preference(l, &row);
        }
    }
}

/* Returns the number of a queue or workbin among the names of the image. */
static uint32_t bin_number(const struct lowerer *l, const struct node *bin)
{
    const char *text = bin->kind_name.name.text;
    uint32_t type = bin->kind_name.kind == KIND_QUEUE ? IR_QUEUE : IR_WORKBIN, at = 0;
    while (at < l->ir->name_count && (l->ir->names[at].type != type || strcmp(l->ir->names[at].text, text) != 0)) at++;
    assert(at < l->ir->name_count); /* the checker has found it */
    return at;
}

static uint32_t view_sign(const struct node *node)
{
    if (node->view_condition.word.text) return BIN_HAS;
    switch ((enum operator)node->view_condition.sign) {
    case SIGN_NE:
        return BIN_NE;
    case SIGN_LT:
        return BIN_LT;
    case SIGN_LE:
        return BIN_LE;
    case SIGN_GT:
        return BIN_GT;
    case SIGN_GE:
        return BIN_GE;
    default:
        return BIN_EQ;
    }
}

static struct ir_view_condition lower_view_condition(const struct node *node)
{
    const struct node *value = segment_node_constant(node->view_condition.value);
    const struct type *type = type_bare(node->view_condition.value->type);
    struct ir_view_condition row = {.column = node->view_condition.column.text, .sign = view_sign(node)};
    if (value->kind == NODE_STRING || type->kind == LANG_ENUM) {
        row.kind = BIN_TEXT;
        row.text = value->kind == NODE_STRING ? value->string.text.bytes : value->name.name.text;
    } else {
        row.kind = type->kind == LANG_BOOL ? BIN_BOOL : type->kind == LANG_DURATION ? BIN_DURATION : BIN_NUMBER;
        (void)segment_node_worth(node->view_condition.value, &row.number);
    }
    return row;
}

static void lower_view(struct lowerer *l, struct ir_view *view, const struct node *item)
{
    *view = (struct ir_view){.name = item->site_view.name.text, .bin = bin_number(l, item->site_view.bin)};
    EACH_NODE (rule, item->site_view.rules) {
        const struct nodes parts = rule->view_rule.parts;
        const char *what = rule->view_rule.what.text;
        if (!strcmp(what, "order")) {
            const char *word = parts.first->label.name.text;
            view->order = rule->view_rule.falls ? arena_printf(l->arena, "-%s", word) : word;
        } else if (!strcmp(what, "columns")) {
            view->columns = ARENA_ARRAY(l->arena, const char *, parts.count + 1);
            EACH_NODE (label, parts) view->columns[view->column_count++] = label->label.name.text;
        } else {
            view->conditions = ARENA_ARRAY(l->arena, struct ir_view_condition, parts.count + 1);
            EACH_NODE (condition, parts) view->conditions[view->condition_count++] = lower_view_condition(condition);
        }
    }
}

void lower_views(struct lowerer *l)
{
    const struct node *site = l->program->site;
    if (!site) return;
    l->ir->views = ARENA_ARRAY(l->arena, struct ir_view, site->site.items.count + 1);
    EACH_NODE (item, site->site.items)
        if (item->kind == NODE_SITE_VIEW) lower_view(l, &l->ir->views[l->ir->view_count++], item);
}

void lower_capacities(struct lowerer *l)
{
    const struct node *site = l->program->site;
    if (!site) return;
    l->ir->capacities = ARENA_ARRAY(l->arena, struct ir_capacity, site->site.items.count + 1);
    EACH_NODE (item, site->site.items)
        if (item->kind == NODE_SITE_CAPACITY && item->capacity.rules.count > 0)
            lower_capacity(l, &l->ir->capacities[l->ir->capacity_count++], item);
}

/* Returns the rules of a zone; each zone is read only once, since reading is slow. */
const struct zone_rules *lower_zone_rules(struct lowerer *l, const char *zone)
{
    for (const struct known_zone *known = l->zones; known; known = known->next)
        if (!strcmp(known->rules->name, zone)) return known->rules;
    struct known_zone *known = ARENA_NEW(l->arena, struct known_zone);
    *known = (struct known_zone){zone_rules(l->arena, zone), l->zones};
    l->zones = known;
    return known->rules;
}

/* Adds all zones, also those that no strategy uses: records and campaigns have zones of their own. */
void lower_zones(struct lowerer *l)
{
    const struct checked *checked = l->checked;
    uint32_t which = LANG_ZONE - LANG_SKILL;
    l->ir->zones = ARENA_ARRAY(l->arena, const struct zone_rules *, checked->name_counts[which] + 1);
    for (uint32_t i = 0; i < checked->name_counts[which]; i++)
        l->ir->zones[l->ir->zone_count++] = lower_zone_rules(l, checked->names[which][i]->name);
}

/* Returns the number of the zone's table. */
static struct ir_operand lower_zone(struct lowerer *l, const char *zone)
{
    struct ir_constant *constant = ARENA_NEW(l->arena, struct ir_constant);
    *constant = (struct ir_constant){.kind = IR_CONSTANT_ZONE, .type = IR_INT, .zone = lower_zone_rules(l, zone)};
    return (struct ir_operand){.reg = IR_NONE, .constant = constant};
}

/* Adds a jump that is taken unless the register has that name of the site, and returns its label. */
static uint32_t unless_named(struct lowerer *l, uint32_t reg, const struct symbol *name)
{
    uint32_t next = lower_new_label(l);
    lower_add_jump(l, I_JNE_K, reg, next)->constant = constant_name(l, name);
    return next;
}

struct ir_operand lower_zone_taken(struct lowerer *l, const struct node *zone)
{
    const struct checked *checked = l->checked;
    uint32_t which = LANG_ZONE - LANG_SKILL;
    struct ir_operand own = lower_zone(l, checked->zone);
    if (!zone || zone->kind == NODE_NONE) return own;
    uint32_t value = lower_expr(l, zone, IR_NONE), number = lower_new_register(l, IR_INT), end = lower_new_label(l);
    lower_load(l, number, own.constant);
    if (type_is_option(zone->type)) lower_add_jump(l, I_JNONE, value, end);
    for (uint32_t i = 0; i < checked->name_counts[which]; i++) {
        const struct symbol *symbol = checked->names[which][i];
        uint32_t next = unless_named(l, value, symbol);
        lower_load(l, number, lower_zone(l, symbol->name).constant);
        lower_add_jump(l, I_JUMP, IR_NONE, end);
        lower_add_label(l, next);
    }
    lower_add_label(l, end);
    return (struct ir_operand){.reg = number};
}

/* Adds the code of `for_zone` once for each zone that is possible here. A zone that is a value is one of the few
 * zones that the site names, so the code is a chain of tests:
 *
 *       JNE_K  zone, "Europe/Berlin" -> next     WALL by the rules of Berlin, JUMP end
 *   next:                                        WALL by the rules of the last one
 *   end: */
static void for_each_clocks(struct lowerer *l, struct clocks clocks,
                            void (*for_zone)(struct lowerer *, const struct zone_rules *, uint32_t from, uint32_t to,
                                             const void *context),
                            const void *context, uint32_t from, uint32_t to)
{
    const struct checked *checked = l->checked;
    uint32_t which = LANG_ZONE - LANG_SKILL, end = lower_new_label(l);
    if (clocks.zone) {
        for_zone(l, clocks.zone, from, to, context);
        return;
    }
    /* the value is one of these names, so the last needs no test */
    for (uint32_t i = 0; i < checked->name_counts[which]; i++) {
        const struct symbol *zone = checked->names[which][i];
        uint32_t next = i + 1 < checked->name_counts[which] ? unless_named(l, clocks.reg, zone) : end;
        for_zone(l, lower_zone_rules(l, zone->name), from, to, context);
        if (next == end) break;
        lower_add_jump(l, I_JUMP, IR_NONE, end);
        lower_add_label(l, next);
    }
    lower_add_label(l, end);
}

static void read_clocks(struct lowerer *l, const struct zone_rules *zone, uint32_t from, uint32_t to,
                        const void *context)
{
    lower_add_ab(l, *(const enum ir_op *)context, to, from)->zone = zone;
}

uint32_t lower_clocks(struct lowerer *l, enum ir_op op, struct clocks clocks, uint32_t from, uint32_t to)
{
    if (to == IR_NONE) to = lower_new_register(l, IR_TIME);
    for_each_clocks(l, clocks, read_clocks, &op, from, to);
    return to;
}

struct clocks lower_clocks_of(struct lowerer *l, const char *zone, const struct node *zone_of)
{
    struct clocks clocks = {.reg = IR_NONE};
    if (zone)
        clocks.zone = lower_zone_rules(l, zone);
    else if (zone_of)
        clocks.reg = lower_expr(l, zone_of, IR_NONE);
    return clocks;
}

static uint32_t lower_moment(struct lowerer *l, const struct node *node)
{
    if (node) return lower_as(l, node, types_base(l->checked->types, LANG_TIME), IR_NONE);
    uint32_t at = lower_new_register(l, IR_TIME), now = 0;
    while (strcmp(attribute_rows[now].name, "now") != 0) now++;
    lower_add_ab(l, I_ATTRIBUTE, at, attribute_rows[now].number);
    return at;
}

struct schedule_asked { /* of a schedule */
    enum schedule_question asks;
    uint32_t at, second; /* registers of times, or a duration; second: IR_NONE where it is not used */
    uint32_t to, type;
    struct clocks clocks;
};

static uint32_t schedule_numbers_of(struct lowerer *l, const struct symbol *schedule)
{
    uint32_t list = lower_new_register(l, lower_type(l, numbers_type(l)));
    struct ir_instruction *setting = lower_add(l, I_SETTING);
    setting->operand[0] = list;
    setting->operand[1] = schedule->index;
    return list;
}

struct asked_by { /* a schedule, and the zone for its local time */
    enum ir_op op;
    uint32_t list, second;
};

static void ask_by(struct lowerer *l, const struct zone_rules *zone, uint32_t from, uint32_t to, const void *context)
{
    const struct asked_by *by = context;
    struct ir_instruction *asks = lower_add_abc(l, by->op, to, by->list, from);
    asks->d = by->second;
    asks->zone = zone;
}

/* Lowers a question to one schedule of the site. Open and closed are computed in local time: the moment is
 * converted, and searched in the list. The other questions search for a moment, across changes of summer time, and
 * so get the zone itself. */
static void ask_schedule(struct lowerer *l, const struct symbol *schedule, const struct schedule_asked *asked)
{
    assert(schedule->node->kind == NODE_SITE_SCHEDULE);
    static const enum ir_op ops[] = {
        [ASKS_OPEN] = I_OPEN_AT,     [ASKS_CLOSED] = I_OPEN_AT,  [ASKS_OPENS] = I_OPENS_BY,
        [ASKS_CLOSES] = I_CLOSES_BY, [ASKS_ADD] = I_ADD_OPEN_BY, [ASKS_BETWEEN] = I_BETWEEN_BY,
    };
    struct clocks clocks = asked->clocks;
    if (!clocks.zone && clocks.reg == IR_NONE) clocks.zone = lower_zone_rules(l, schedule->node->schedule.zone.text);
    uint32_t list = schedule_numbers_of(l, schedule);
    if (asked->asks != ASKS_OPEN && asked->asks != ASKS_CLOSED) {
        struct asked_by by = {ops[asked->asks], list, asked->second == IR_NONE ? asked->at : asked->second};
        for_each_clocks(l, clocks, ask_by, &by, asked->at, asked->to);
        return;
    }
    uint32_t at = lower_clocks(l, I_WALL, clocks, asked->at, IR_NONE);
    uint32_t open = asked->asks == ASKS_CLOSED ? lower_new_register(l, asked->type) : asked->to;
    lower_add_abc(l, I_OPEN_AT, open, list, at);
    if (asked->asks == ASKS_CLOSED) lower_add_ab(l, I_NOT, asked->to, open);
}

/* Lowers a question to a schedule that is a value: it is one of the site's, so the last one needs no test. */
static void ask_any_schedule(struct lowerer *l, uint32_t schedule, const struct schedule_asked *asked)
{
    const struct checked *checked = l->checked;
    uint32_t which = LANG_SCHEDULE - LANG_SKILL, end = lower_new_label(l);
    for (uint32_t i = 0; i < checked->name_counts[which]; i++) {
        const struct symbol *symbol = checked->names[which][i];
        uint32_t next = i + 1 < checked->name_counts[which] ? unless_named(l, schedule, symbol) : end;
        ask_schedule(l, symbol, asked);
        if (next == end) break;
        lower_add_jump(l, I_JUMP, IR_NONE, end);
        lower_add_label(l, next);
    }
    lower_add_label(l, end);
}

struct ir_operand lower_schedule_taken(struct lowerer *l, const struct node *schedule, struct ir_operand *zone)
{
    const struct symbol *named = schedule_named(schedule);
    if (named) {
        *zone = lower_zone(l, named->node->schedule.zone.text);
        return (struct ir_operand){.reg = schedule_numbers_of(l, named)};
    }
    const struct checked *checked = l->checked;
    uint32_t value = lower_expr(l, schedule, IR_NONE), list = lower_new_register(l, lower_type(l, numbers_type(l)));
    uint32_t number = lower_new_register(l, IR_INT), which = LANG_SCHEDULE - LANG_SKILL, end = lower_new_label(l);
    /* the value is one of the site's schedules: the last needs no test */
    for (uint32_t i = 0; i < checked->name_counts[which]; i++) {
        const struct symbol *symbol = checked->names[which][i];
        uint32_t next = i + 1 < checked->name_counts[which] ? unless_named(l, value, symbol) : end;
        lower_move(l, list, schedule_numbers_of(l, symbol));
        lower_load(l, number, lower_zone(l, symbol->node->schedule.zone.text).constant);
        if (next == end) break;
        lower_add_jump(l, I_JUMP, IR_NONE, end);
        lower_add_label(l, next);
    }
    lower_add_label(l, end);
    *zone = (struct ir_operand){.reg = number};
    return (struct ir_operand){.reg = list};
}

static void ask_value(struct lowerer *l, const struct node *object, uint32_t schedule,
                      const struct schedule_asked *asked)
{
    if (schedule_named(object))
        ask_schedule(l, schedule_named(object), asked);
    else
        ask_any_schedule(l, schedule, asked);
}

void lower_open(struct lowerer *l, const struct node *schedule, uint32_t time, uint32_t to)
{
    struct schedule_asked asked = {ASKS_OPEN, time, IR_NONE, to, IR_BOOL, {NULL, IR_NONE}};
    uint32_t value = schedule_named(schedule) ? IR_NONE : lower_expr(l, schedule, IR_NONE);
    ask_value(l, schedule, value, &asked);
}

uint32_t lower_schedule_call(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    assert(node->kind == NODE_CALL);
    struct types *types = l->checked->types;
    const struct node *object = node->call.callee->member.object;
    uint32_t schedule = schedule_named(object) ? IR_NONE : lower_expr(l, object, IR_NONE), end = lower_new_label(l);
    uint32_t reg = use->optional ? lower_new_register(l, lower_type(l, node->type)) : expr_target(l, node->type, to);
    if (use->optional) {
        uint32_t bare = lower_new_register(l, IR_SCHEDULE);
        lower_add(l, I_LOAD_NONE)->operand[0] = reg;
        lower_add_jump(l, I_JNONE, schedule, end);
        lower_add_ab(l, I_UNWRAP, bare, schedule);
        schedule = bare;
    }
    bool finds = use->asks == ASKS_OPENS || use->asks == ASKS_CLOSES || use->asks == ASKS_ADD;
    uint32_t type = lower_type(l, finds ? node->type : type_bare(node->type));
    struct schedule_asked asked = {.asks = use->asks, .second = IR_NONE, .to = reg, .type = type};
    asked.clocks = lower_clocks_of(l, use->zone, use->zone_of);
    asked.at = lower_moment(l, use->arguments[0]);
    if (use->asks == ASKS_ADD) asked.second = lower_as(l, use->arguments[1], types_base(types, LANG_DURATION), IR_NONE);
    if (use->asks == ASKS_BETWEEN) asked.second = lower_moment(l, use->arguments[1]);
    if (use->optional && !finds) asked.to = lower_new_register(l, type);
    ask_value(l, object, schedule, &asked);
    if (asked.to != reg) lower_move(l, reg, asked.to);
    lower_add_label(l, end);
    return reg;
}

uint32_t lower_open_later(struct lowerer *l, const struct node *schedule, const struct node *duration)
{
    struct types *types = l->checked->types;
    uint32_t type = lower_type(l, types_option(types, types_base(types, LANG_TIME)));
    uint32_t value = schedule_named(schedule) ? IR_NONE : lower_expr(l, schedule, IR_NONE);
    uint32_t some = lower_new_register(l, type), to = lower_new_register(l, IR_TIME);
    uint32_t never = lower_new_label(l), end = lower_new_label(l);
    struct schedule_asked asked = {.asks = ASKS_ADD, .to = some, .type = type, .clocks = {NULL, IR_NONE}};
    asked.at = lower_moment(l, NULL);
    asked.second = lower_as(l, duration, types_base(types, LANG_DURATION), IR_NONE);
    ask_value(l, schedule, value, &asked);
    lower_add_jump(l, I_JNONE, some, never);
    lower_add_ab(l, I_UNWRAP, to, some);
    lower_add_jump(l, I_JUMP, IR_NONE, end);
    lower_add_label(l, never);
    lower_add_abc(l, I_ADD_TIME, to, asked.at, asked.second);
    lower_add_label(l, end);
    return to;
}

static bool is_prefix(const struct node *table)
{
    assert(table->kind == NODE_SITE_TABLE);
    EACH_NODE (column, table->table.columns)
        if (column->column.prefix) return true;
    return false;
}

const struct symbol *lower_table_named(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind == SYMBOL_SETTING && symbol->node->kind == NODE_SITE_TABLE ? symbol : NULL;
}

static void lower_add_setting(struct lowerer *l, enum ir_op op, uint32_t reg, const struct symbol *setting)
{
    struct ir_instruction *instruction = lower_add(l, op);
    instruction->operand[0] = reg;
    instruction->operand[1] = setting->index;
}

void lower_row_count(struct lowerer *l, const struct symbol *table, uint32_t to)
{
    lower_add_setting(l, I_SETTING_COUNT, to, table);
}

/* Begins a loop over a table: the cursor holds the version of the table that is in force now; rows that the
 * directory changes meanwhile are seen by the next loop. Each exit from the loop releases the cursor (lower_walked),
 * so that the version can be freed. */
uint32_t lower_walk(struct lowerer *l, const struct symbol *table)
{
    assert(table->node->kind == NODE_SITE_TABLE);
    uint32_t cursor = lower_new_register(l, IR_INT);
    lower_add_setting(l, I_SETTING_WALK, cursor, table);
    return cursor;
}

void lower_walk_next(struct lowerer *l, const struct loop_labels *loop, uint32_t to_key, uint32_t to_row)
{
    const struct type *row = types_option(l->checked->types, loop->table->type->of);
    uint32_t key = lower_new_register(l, IR_STR | IR_OPTIONAL), found = lower_new_register(l, lower_type(l, row));
    lower_add_ab(l, I_SETTING_KEY, key, loop->cursor)->literal = loop->table->index;
    lower_add_jump(l, I_JNONE, key, loop->leave);
    lower_add_ab(l, I_UNWRAP, to_key, key);
    lower_add_ab(l, I_SETTING_AT, found, loop->cursor)->literal = loop->table->index;
    lower_add_ab(l, I_UNWRAP, to_row, found);
    lower_add_ab(l, I_ADD_I, loop->cursor, loop->cursor)->literal = 1;
}

void lower_walked(struct lowerer *l, const struct loop_labels *loop)
{
    if (loop->table) lower_add_setting(l, I_SETTING_WALKED, loop->cursor, loop->table);
}

void lower_found_row(struct lowerer *l, const struct node *container, uint32_t key, uint32_t to)
{
    const struct symbol *symbol = lower_table_named(container);
    if (!symbol) {
        lower_add_abc(l, I_MAP_GET, to, lower_as(l, container, container->type, IR_NONE), key);
        return;
    }
    lower_add_ab(l, is_prefix(symbol->node) ? I_SETTING_PREFIX : I_SETTING_ROW, to, key)->literal = symbol->index;
}

void lower_has_row(struct lowerer *l, const struct node *container, uint32_t key, uint32_t to)
{
    uint32_t found = lower_new_register(l, lower_type(l, types_option(l->checked->types, container->type->of)));
    uint32_t none = lower_new_register(l, IR_BOOL);
    lower_found_row(l, container, key, found);
    lower_add_ab(l, I_IS_NONE, none, found);
    lower_add_ab(l, I_NOT, to, none);
}
