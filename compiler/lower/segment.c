/* compiler/lower/segment.c - segment and split: tables for patterns with values known at compile time, tests for the
 * others.
 *
 *     segment dnis { "1800" -> A; prefix "18" -> B; else -> {} }
 *
 *         6  ATTRIBUTE  r1 dnis
 *         7  SEGMENT    r1          one table of the image leads from the text to its arm
 *             prefix "18" -> 11
 *             "1800" -> 8
 *             else -> 13
 *
 * Patterns of texts, numbers and expressions become tables. Floats, bools, names of the site and `in` are tested one
 * after another. The order of different kinds of patterns is kept: neighbours of one kind and view make a table, and
 * its `else` leads to the next group. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

#include "base/regex.h"

enum { WHOLE = 1000000 };
static const int64_t SEGMENT_DAY_US = INT64_C(86400000000);

/* The values that patterns compare: the subject itself, and of a time its day, time of day and weekday. */
enum view { VIEW_ITSELF, VIEW_DATE, VIEW_CLOCK, VIEW_WEEKDAY, VIEWS };

/* The way in which a pattern is tested. Neighbouring patterns of one way and view make one table. */
enum way { WAY_RANGES, WAY_TEXTS, WAY_MATCHES, WAY_TEST };

struct pattern_way {
    const struct node *pattern;
    uint32_t label;
    enum view view;
    enum way way;
};

struct segment {
    struct lowerer *l;
    const struct type *type; /* the subject's type without the ? */
    uint32_t views[VIEWS];   /* the register of each view; IR_NONE: no pattern compares that view */
    struct pattern_way *looks;
    uint32_t count;
};

uint32_t lower_wall(struct lowerer *l, uint32_t time, const struct zone_rules *zone, uint32_t to)
{
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == IR_TIME ? to : lower_new_register(l, IR_TIME);
    lower_add_ab(l, I_WALL, reg, time)->zone = zone;
    return reg;
}

static enum view lower_segment_view(const struct type *subject, const struct type *pattern)
{
    if (subject == pattern) return VIEW_ITSELF;
    bool time = subject->kind == LANG_TIME || subject->kind == LANG_LOCAL || subject->kind == LANG_DATE;
    if (!time) return VIEW_ITSELF;
    return pattern->kind == LANG_DATE    ? VIEW_DATE
           : pattern->kind == LANG_CLOCK ? VIEW_CLOCK
           : pattern->kind == LANG_ENUM  ? VIEW_WEEKDAY
                                         : VIEW_ITSELF;
}

static enum way way_of(const struct type *subject, const struct node *pattern)
{
    if (pattern->kind == NODE_WITHIN) return WAY_TEST;
    if (pattern->kind == NODE_MATCH) return WAY_MATCHES;
    if (subject->kind == LANG_STR || subject->kind == LANG_DN) return WAY_TEXTS;
    return subject->kind == LANG_BOOL || subject->kind == LANG_FLOAT || type_is_site_name(subject) ? WAY_TEST
                                                                                                   : WAY_RANGES;
}

/* Computes the views that the patterns compare into registers. */
static void make_views(struct segment *s, uint32_t value)
{
    struct lowerer *l = s->l;
    bool used[VIEWS] = {true};
    const struct type *weekday = NULL;
    for (uint32_t i = 0; i < s->count; i++) {
        used[s->looks[i].view] = true;
        if (s->looks[i].view == VIEW_WEEKDAY) weekday = s->looks[i].pattern->type;
    }
    for (int i = 0; i < VIEWS; i++) s->views[i] = IR_NONE;
    s->views[VIEW_ITSELF] = value;
    if (!used[VIEW_DATE] && !used[VIEW_CLOCK] && !used[VIEW_WEEKDAY]) return;
    uint32_t wall = value;
    if (s->type->kind == LANG_TIME) wall = lower_wall(l, value, lower_zone_rules(l, l->checked->zone), IR_NONE);
    if (used[VIEW_CLOCK]) lower_add_ab(l, I_CLOCK_OF, s->views[VIEW_CLOCK] = lower_new_register(l, IR_CLOCK), wall);
    uint32_t date = wall;
    if (s->type->kind != LANG_DATE && (used[VIEW_DATE] || used[VIEW_WEEKDAY]))
        lower_add_ab(l, I_DATE_OF, date = lower_new_register(l, IR_DATE), wall);
    s->views[VIEW_DATE] = date;
    if (!weekday) return;
    s->views[VIEW_WEEKDAY] = lower_new_register(l, lower_type(l, weekday));
    lower_add_ab(l, I_WEEKDAY_OF, s->views[VIEW_WEEKDAY], date);
}

/* Tables */

static int64_t pattern_number(struct lowerer *l, const struct node *node)
{
    const struct ir_constant *constant = lower_constant(l, node, NULL);
    assert(constant && constant->kind == IR_CONSTANT_WORD);
    return constant->word;
}

static void table_add_range(struct ir_instruction *table, int64_t first, int64_t last, uint32_t label)
{
    if (first <= last) table->arms[table->arm_count++] = (struct ir_arm){.first = first, .last = last, .label = label};
}

static void range_arm(struct segment *s, struct ir_instruction *table, const struct pattern_way *look)
{
    const struct node *pattern = look->pattern;
    if (pattern->kind != NODE_RANGE) {
        int64_t number = pattern_number(s->l, pattern);
        table_add_range(table, number, number, look->label);
        return;
    }
    int64_t first = pattern_number(s->l, pattern->range.from), last = pattern_number(s->l, pattern->range.to);
    bool clock = pattern->type->kind == LANG_CLOCK, until = clock || pattern->type->kind == LANG_TIME;
    if (last >= first) {
        table_add_range(table, first, until ? last - 1 : last, look->label);
        return;
    }
    table_add_range(table, first, clock ? SEGMENT_DAY_US - 1 : 6,
                    look->label); /* the range wraps around: at the end of a day, or of a week */
    table_add_range(table, 0, until ? last - 1 : last, look->label);
}

static void text_arm(struct ir_instruction *table, const struct pattern_way *look)
{
    const struct node *pattern = look->pattern;
    bool prefix = pattern->kind == NODE_PREFIX;
    struct literal text = prefix ? pattern->prefix.text : pattern->string.text;
    table->arms[table->arm_count++] = (struct ir_arm){
        .text = true, .prefix = prefix, .bytes = text.bytes, .length = text.length, .label = look->label};
}

static const struct automaton *automaton_of(struct segment *s, const struct pattern_way *looks, uint32_t count)
{
    struct regex_arm *arms = ARENA_ARRAY(s->l->arena, struct regex_arm, count + 1);
    struct regex_error error;
    for (uint32_t i = 0; i < count; i++)
        arms[i] =
            (struct regex_arm){REGEX_MATCH, looks[i].pattern->match.text.bytes, looks[i].pattern->match.text.length};
    const struct automaton *automaton = automaton_build(s->l->arena, arms, count, &s->l->regex_work, &error);
    assert(automaton); /* the checker has built an automaton with more patterns */
    return automaton;
}

/* Adds one SEGMENT for neighbouring patterns of one way; a value that none of them takes continues at `next`. */
static void add_table(struct segment *s, const struct pattern_way *looks, uint32_t count, uint32_t next)
{
    struct lowerer *l = s->l;
    struct ir_instruction table = {.arms = ARENA_ARRAY(l->arena, struct ir_arm, 2 * count + 1)};
    for (uint32_t i = 0; i < count; i++)
        if (looks[i].way == WAY_RANGES)
            range_arm(s, &table, &looks[i]);
        else if (looks[i].way == WAY_TEXTS)
            text_arm(&table, &looks[i]);
        else
            table.arms[table.arm_count++] = (struct ir_arm){.match = true, .label = looks[i].label};
    if (looks->way == WAY_MATCHES) table.automaton = automaton_of(s, looks, count);
    struct ir_instruction *segment = lower_add(l, I_SEGMENT);
    segment->operand[0] = s->views[looks->view];
    segment->arms = table.arms;
    segment->arm_count = table.arm_count;
    segment->automaton = table.automaton;
    segment->label = next;
}

/* Tests */

static void test_float(struct segment *s, const struct pattern_way *look, uint32_t value)
{
    struct lowerer *l = s->l;
    const struct node *pattern = look->pattern;
    uint32_t yes = lower_new_register(l, IR_BOOL);
    if (pattern->kind != NODE_RANGE) {
        lower_add_abc(l, I_EQ_FLOAT, yes, value, lower_as(l, pattern, s->type, IR_NONE));
    } else {
        uint32_t above = lower_new_register(l, IR_BOOL), below = lower_new_register(l, IR_BOOL);
        lower_add_abc(l, I_LE_FLOAT, above, lower_as(l, pattern->range.from, s->type, IR_NONE), value);
        lower_add_abc(l, I_LE_FLOAT, below, value, lower_as(l, pattern->range.to, s->type, IR_NONE));
        lower_add_abc(l, I_AND, yes, above, below);
    }
    lower_add_jump(l, I_JTRUE, yes, look->label);
}

/* Tests whether the value is in a list, among the keys of a map or table, or in the hours of a schedule. */
static void test_within(struct segment *s, const struct pattern_way *look, uint32_t value)
{
    struct lowerer *l = s->l;
    const struct node *what = look->pattern->within.what;
    uint32_t yes = lower_new_register(l, IR_BOOL);
    if (what->type->kind == LANG_MAP)
        lower_has_row(l, what, value, yes);
    else if (what->type->kind == LANG_SCHEDULE)
        lower_open(l, what, value, yes);
    else
        lower_add_abc(l, I_LIST_IN, yes, value, lower_expr(l, what, IR_NONE));
    lower_add_jump(l, I_JTRUE, yes, look->label);
}

static void segment_add_test(struct segment *s, const struct pattern_way *look)
{
    struct lowerer *l = s->l;
    uint32_t value = s->views[VIEW_ITSELF];
    if (look->pattern->kind == NODE_WITHIN)
        test_within(s, look, value);
    else if (s->type->kind == LANG_FLOAT)
        test_float(s, look, value);
    else
        lower_add_jump(l, I_JEQ_K, value, look->label)->constant = lower_constant(l, look->pattern, NULL);
}

/* Patterns are tested in the author's order, for the first one that takes the value decides. Neighbours that fit
 * into one table share it. */
static void add_looks(struct segment *s, uint32_t otherwise)
{
    struct lowerer *l = s->l;
    for (uint32_t first = 0, end; first < s->count; first = end) {
        const struct pattern_way *looks = s->looks + first;
        end = first + 1;
        if (looks->way == WAY_TEST) {
            segment_add_test(s, looks);
            continue;
        }
        while (end < s->count && s->looks[end].way == looks->way && s->looks[end].view == looks->view) end++;
        uint32_t next = end < s->count ? lower_new_label(l) : otherwise;
        add_table(s, looks, end - first, next);
        if (end < s->count) lower_add_label(l, next);
    }
    if (!s->count || s->looks[s->count - 1].way == WAY_TEST) lower_add_jump(l, I_JUMP, IR_NONE, otherwise);
}

static void add_actions(struct lowerer *l, struct nodes arms, const uint32_t *labels, uint32_t end)
{
    uint32_t count = 0;
    EACH_NODE (arm, arms) {
        lower_add_label(l, labels[count++]);
        lower_statement(l, arm->kind == NODE_ARM ? arm->arm.action : arm->split_arm.action);
        lower_add_jump(l, I_JUMP, IR_NONE, end);
    }
    lower_add_label(l, end);
}

void lower_segment(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_SEGMENT);
    const struct type *type = node->segment.subject->type, *bare = type_bare(type);
    struct segment s = {.l = l, .type = bare};
    uint32_t value = lower_expr(l, node->segment.subject, IR_NONE), end = lower_new_label(l), otherwise = end,
             none = IR_NONE;
    uint32_t *labels = ARENA_ARRAY(l->arena, uint32_t, node->segment.arms.count + 1), count = 0;
    size_t patterns = 0;
    EACH_NODE (arm, node->segment.arms) patterns += arm->arm.patterns.count;
    s.looks = ARENA_ARRAY(l->arena, struct pattern_way, patterns + 1);
    EACH_NODE (arm, node->segment.arms) {
        labels[count] = lower_new_label(l);
        if (arm == node->meaning) otherwise = labels[count];
        EACH_NODE (pattern, arm->arm.patterns) {
            if (pattern->kind == NODE_NONE)
                none = labels[count];
            else
                s.looks[s.count++] = (struct pattern_way){
                    pattern, labels[count], lower_segment_view(bare, pattern->type), way_of(bare, pattern)};
        }
        count++;
    }
    if (type_is_option(type)) {
        uint32_t some = lower_new_register(l, lower_type(l, bare));
        lower_add_jump(l, I_JNONE, value, none != IR_NONE ? none : otherwise);
        lower_add_ab(l, I_UNWRAP, some, value);
        value = some;
    }
    make_views(&s, value);
    add_looks(&s, otherwise);
    add_actions(l, node->segment.arms, labels, end);
}

/* split */

uint32_t lower_draw(struct lowerer *l)
{
    uint32_t reg = lower_new_register(l, IR_PERCENT);
    lower_add(l, I_DRAW)->operand[0] = reg;
    return reg;
}

/* Converts the number of a word of a built-in enumeration to that word, which is shown by its name. */
static uint32_t segment_word(struct lowerer *l, uint32_t value, const struct type *bare)
{
    /* A failure may have a reason that its step does not list: that of a fault in a busy block. */
    const struct type *shown = bare->enumeration->exits ? l->checked->code_type : bare;
    uint32_t word = lower_new_register(l, lower_row(l, shown));
    lower_add_ab(l, I_TO_ENUM, word, value);
    return word;
}

/* Puts the text of an enumeration's word into `reg`; an empty text where the word is none. */
static void word_perhaps(struct lowerer *l, uint32_t value, const struct type *bare, uint32_t reg)
{
    uint32_t number = lower_new_register(l, lower_type(l, bare)), end = lower_new_label(l);
    lower_load(l, reg, constant_text(l, "", 0));
    lower_add_jump(l, I_JNONE, value, end);
    lower_add_ab(l, I_UNWRAP, number, value);
    lower_add_ab(l, I_TEXT, reg, segment_word(l, number, bare));
    lower_add_label(l, end);
}

static bool segment_is_moment(const struct type *bare)
{
    return bare->kind == LANG_TIME || bare->kind == LANG_LOCAL;
}

/* Puts a time into `reg` as a local time of its zone, else of the site's: "2026-03-02 10:00". An empty text where
 * the time is none. */
static void moment_text(struct lowerer *l, uint32_t value, const struct type *type, uint32_t reg)
{
    const struct type *bare = type_bare(type);
    uint32_t end = lower_new_label(l), wall = value, *parts = ARENA_ARRAY(l->arena, uint32_t, 3);
    for (int i = 0; i < 3; i++) parts[i] = lower_new_register(l, IR_STR);
    if (type_is_option(type)) {
        lower_load(l, reg, constant_text(l, "", 0));
        lower_add_jump(l, I_JNONE, value, end);
        wall = lower_new_register(l, IR_TIME);
        lower_add_ab(l, I_UNWRAP, wall, value);
    }
    if (bare->kind == LANG_TIME) wall = lower_wall(l, wall, lower_zone_rules(l, l->checked->zone), IR_NONE);
    uint32_t date = lower_new_register(l, IR_DATE), clock = lower_new_register(l, IR_CLOCK);
    lower_add_ab(l, I_DATE_OF, date, wall);
    lower_add_ab(l, I_TEXT, parts[0], date);
    lower_load(l, parts[1], constant_text(l, " ", 1));
    lower_add_ab(l, I_CLOCK_OF, clock, wall);
    lower_add_ab(l, I_TEXT, parts[2], clock);
    struct ir_instruction *concat = lower_add(l, I_CONCAT);
    concat->operand[0] = reg;
    concat->arguments = parts;
    concat->argument_count = 3;
    lower_add_label(l, end);
}

uint32_t lower_text(struct lowerer *l, uint32_t value, const struct type *type, uint32_t to)
{
    const struct type *bare = type_bare(type);
    bool word = bare->kind == LANG_ENUM && !bare->enumeration->own;
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == IR_STR ? to : lower_new_register(l, IR_STR);
    if (type->kind == LANG_STR || type->kind == LANG_DN)
        lower_move(l, reg, value);
    else if (segment_is_moment(bare))
        moment_text(l, value, type, reg);
    else if (word && type_is_option(type))
        word_perhaps(l, value, bare, reg);
    else
        lower_add_ab(l, I_TEXT, reg, word ? segment_word(l, value, bare) : value);
    return reg;
}

/* Returns a name for the split, which does not change with the statements around it; nor, if the split has a label,
 * with the number of busy blocks before its own. */
static const char *split_name(struct lowerer *l)
{
    const struct body *whole = l->body;
    while (whole->outer) whole = whole->outer;
    if (!l->label) return arena_printf(l->arena, "%s/%u:", l->body->name, ++l->splits);
    if (++l->label_splits == 1) return arena_printf(l->arena, "%s/%s:", whole->name, l->label);
    return arena_printf(l->arena, "%s/%s/%u:", whole->name, l->label, l->label_splits);
}

/* Computes the point of the key; the split's own name is put before the key, so that two splits divide the same
 * customers differently. */
static uint32_t lower_point(struct lowerer *l, const struct node *by)
{
    const char *name = split_name(l);
    uint32_t *parts = ARENA_ARRAY(l->arena, uint32_t, 2);
    parts[0] = lower_new_register(l, IR_STR);
    parts[1] = lower_new_register(l, IR_STR);
    lower_load(l, parts[0], constant_text(l, name, strlen(name)));
    lower_text(l, lower_expr(l, by, IR_NONE), by->type, parts[1]);
    uint32_t text = lower_new_register(l, IR_STR), point = lower_new_register(l, IR_PERCENT);
    struct ir_instruction *concat = lower_add(l, I_CONCAT);
    concat->operand[0] = text;
    concat->arguments = parts;
    concat->argument_count = 2;
    lower_add_ab(l, I_POINT, point, text);
    return point;
}

/* Lowers a split whose shares are constants, without conditions. The arms are then neighbouring ranges of
 * millionths, and one SEGMENT finds the arm of a drawn point. A point after the last range goes to `otherwise`. */
static bool split_by_table(struct lowerer *l, const struct node *node, const uint32_t *labels, uint32_t otherwise)
{
    assert(node->kind == NODE_SPLIT);
    struct ir_arm *arms = ARENA_ARRAY(l->arena, struct ir_arm, node->split.arms.count + 1);
    uint32_t count = 0, at = 0;
    int64_t sum = 0;
    EACH_NODE (arm, node->split.arms) {
        if (arm->split_arm.where) return false;
        uint32_t label = labels[at++];
        if (!arm->split_arm.share) continue;
        const struct ir_constant *share = lower_constant(l, arm->split_arm.share, NULL);
        if (!share) return false;
        arms[count++] = (struct ir_arm){.first = sum, .last = sum + share->word - 1, .label = label};
        sum += share->word;
    }
    uint32_t point = node->split.by ? lower_point(l, node->split.by) : lower_draw(l);
    if (!count) {
        lower_add_jump(l, I_JUMP, IR_NONE, otherwise);
        return true;
    }
    struct ir_instruction *segment = lower_add(l, I_SEGMENT);
    segment->operand[0] = point;
    segment->arms = arms;
    segment->arm_count = count;
    segment->label = otherwise;
    return true;
}

static uint32_t segment_percent(struct lowerer *l, int64_t word)
{
    uint32_t reg = lower_new_register(l, IR_PERCENT);
    lower_load(l, reg, constant_word(l, IR_PERCENT, word));
    return reg;
}

/* Reads the shares at run time: `all` is the sum for every arm, `open` that for the arms whose condition holds;
 * `shares` has the share of each arm. */
static uint32_t read_shares(struct lowerer *l, const struct node *node, uint32_t all, uint32_t open, uint32_t *shares)
{
    assert(node->kind == NODE_SPLIT);
    uint32_t count = 0;
    EACH_NODE (arm, node->split.arms) {
        if (!arm->split_arm.share) continue;
        uint32_t share = segment_percent(l, 0), skip = lower_new_label(l);
        uint32_t value = lower_as(l, arm->split_arm.share, arm->split_arm.share->type, IR_NONE);
        lower_add_abc(l, I_ADD, all, all, value);
        if (arm->split_arm.where) lower_branch(l, arm->split_arm.where, skip, false);
        lower_move(l, share, value);
        lower_add_abc(l, I_ADD, open, open, share);
        lower_add_label(l, skip);
        shares[count++] = share;
    }
    return count;
}

/* Lowers a split with conditions: the point is drawn among all shares, scaled to the open ones, and the arm is
 * searched there. */
static void split_by_tests(struct lowerer *l, const struct node *node, const uint32_t *labels, uint32_t otherwise)
{
    assert(node->kind == NODE_SPLIT);
    uint32_t *shares = ARENA_ARRAY(l->arena, uint32_t, node->split.arms.count + 1), at = 0;
    uint32_t all = segment_percent(l, 0), open = segment_percent(l, 0), whole = segment_percent(l, WHOLE),
             fits = lower_new_label(l);
    read_shares(l, node, all, open, shares);
    uint32_t point = node->split.by ? lower_point(l, node->split.by) : lower_draw(l);
    uint32_t scaled = lower_new_register(l, IR_PERCENT), moved = lower_new_register(l, IR_PERCENT),
             sum = segment_percent(l, 0);
    lower_move(l, scaled, point);
    /* more than 100 %: the shares are scaled down */
    struct ir_instruction *small = lower_add_jump(l, I_JLE, all, fits);
    small->operand[1] = whole;
    lower_add_abc(l, I_SCALE, scaled, point, all)->d = whole;
    lower_add_label(l, fits);
    lower_add_jump(l, I_JLE, all, otherwise)->operand[1] = scaled;
    lower_add_jump(l, I_JLE_I, open, otherwise)->literal = 0;
    lower_add_abc(l, I_SCALE, moved, scaled, open)->d = all;
    uint32_t count = 0;
    EACH_NODE (arm, node->split.arms) {
        uint32_t label = labels[at++];
        if (!arm->split_arm.share) continue;
        lower_add_abc(l, I_ADD, sum, sum, shares[count++]);
        lower_add_jump(l, I_JLT, moved, label)->operand[1] = sum;
    }
    lower_add_jump(l, I_JUMP, IR_NONE, otherwise);
}

void lower_split(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_SPLIT);
    uint32_t *labels = ARENA_ARRAY(l->arena, uint32_t, node->split.arms.count + 1), count = 0;
    uint32_t end = lower_new_label(l), otherwise = end;
    EACH_NODE (arm, node->split.arms) {
        labels[count] = lower_new_label(l);
        if (arm == node->meaning) otherwise = labels[count];
        count++;
    }
    if (!split_by_table(l, node, labels, otherwise)) split_by_tests(l, node, labels, otherwise);
    add_actions(l, node->split.arms, labels, end);
}
