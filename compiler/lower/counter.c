/* compiler/lower/counter.c - Counters: counting an event, and reading how often it was counted. The core knows
 * counters by name, and stores for each what its window needs. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

static const int64_t DAY_US = INT64_C(86400000000);

static uint32_t text_register(struct lowerer *l, const char *text)
{
    uint32_t reg = lower_new_register(l, IR_STR);
    lower_load(l, reg, constant_text(l, text, strlen(text)));
    return reg;
}

static uint32_t word_register(struct lowerer *l, uint32_t type, int64_t word)
{
    uint32_t reg = lower_new_register(l, type);
    lower_load(l, reg, constant_word(l, type, word));
    return reg;
}

static void counter_read_now(struct lowerer *l, uint32_t to)
{
    uint32_t row = 0;
    while (strcmp(attribute_rows[row].name, "now") != 0) row++;
    lower_add_ab(l, I_ATTRIBUTE, to, attribute_rows[row].number);
}

/* Computes when it was last that time of day in the site's zone: today, or yesterday where the time is still to come
 * today. */
static uint32_t lower_since(struct lowerer *l, const struct node *clock)
{
    const struct zone_rules *zone = lower_zone_rules(l, l->checked->zone);
    uint32_t now = lower_new_register(l, IR_TIME), date = lower_new_register(l, IR_DATE),
             shown = lower_new_register(l, IR_CLOCK);
    uint32_t since = lower_expr(l, clock, IR_NONE), passed = lower_new_label(l);
    uint32_t wall = lower_new_register(l, IR_TIME), then = lower_new_register(l, IR_TIME);
    counter_read_now(l, now);
    uint32_t here = lower_wall(l, now, zone, IR_NONE);
    lower_add_ab(l, I_DATE_OF, date, here);
    lower_add_ab(l, I_CLOCK_OF, shown, here);
    lower_add_abc(l, I_DATE_AT, wall, date, since);
    uint32_t later = lower_new_register(l, IR_BOOL);
    lower_add_abc(l, I_LT, later, shown, since);
    lower_add_jump(l, I_JFALSE, later, passed);
    lower_add_abc(l, I_SUB_TIME, wall, wall, word_register(l, IR_DURATION, DAY_US));
    lower_add_label(l, passed);
    lower_add_ab(l, I_INSTANT, then, wall)->zone = zone;
    return then;
}

/* Returns a register with the window in the form of counter.h: 0 for none, a duration, or, negative, the moment
 * since which it counts. */
static uint32_t lower_window(struct lowerer *l, const struct node *window)
{
    if (!window) return word_register(l, IR_DURATION, 0);
    if (!window->window.since) return lower_expr(l, window->window.value, IR_NONE);
    uint32_t then = lower_since(l, window->window.value), reg = lower_new_register(l, IR_DURATION);
    lower_add_abc(l, I_DIFF_TIME, reg, word_register(l, IR_TIME, 0), then);
    return reg;
}

/* Lowers the use of a counter; `key`: an expression, or NULL. An empty key at run time, such as the number of an
 * anonymous caller, has no count; only where "" is written it means all keys. */
uint32_t lower_counted(struct lowerer *l, const struct symbol *symbol, const struct node *key, uint32_t to)
{
    uint32_t name = text_register(l, symbol->name);
    uint32_t of = key ? lower_expr(l, key, IR_NONE) : text_register(l, "");
    uint32_t window = lower_window(l, symbol->node->counter.window);
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == IR_INT ? to : lower_new_register(l, IR_INT);
    lower_add_abc(l, I_TALLIED, reg, name, of)->d = window;
    if (!key || key->kind == NODE_STRING) return reg;
    uint32_t nobody = lower_new_register(l, IR_BOOL), there = lower_new_label(l);
    lower_add_abc(l, I_EQ_STR, nobody, of, text_register(l, ""));
    lower_add_jump(l, I_JFALSE, nobody, there);
    lower_load(l, reg, constant_word(l, IR_INT, 0));
    lower_add_label(l, there);
    return reg;
}

void lower_count_named(struct lowerer *l, const char *name)
{
    uint32_t of = text_register(l, name), key = text_register(l, "");
    lower_add_abc(l, I_TALLY, of, key, word_register(l, IR_DURATION, 0));
}

void lower_count(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_COUNT);
    const struct node *counter = node->count.counter, *key = NULL;
    if (counter->kind == NODE_INDEX) {
        key = counter->index.index;
        counter = counter->index.object;
    }
    const struct symbol *symbol = counter->meaning;
    uint32_t name = text_register(l, symbol->name);
    uint32_t of = key ? lower_expr(l, key, IR_NONE) : text_register(l, "");
    uint32_t window = lower_window(l, symbol->node->counter.window);
    if (!symbol->node->counter.keys) {
        lower_add_abc(l, I_TALLY, name, of, window);
        return;
    }
    uint32_t keys = lower_expr(l, symbol->node->counter.keys, IR_NONE);
    lower_add_abc(l, I_TALLY_KEYS, name, of, window)->d = keys;
}
