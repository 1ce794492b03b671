/* compiler/import/expression.c - Translates ECMAScript's expressions into gcx.
 *
 * A variable of the source holds values of any type; in gcx it has one type, which is that of the values assigned to
 * it. A variable with values of several types is a text. `undefined`, null and a variable that was never set become the
 * empty value of the type: "", 0, false. */
#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "compiler/import/number.h"
#include "compiler/import/writer.h"

static struct import_said said_bad(void)
{
    return (struct import_said){.good = false, .text = ""};
}

static struct import_said said_good(enum said_type type, const char *text)
{
    return (struct import_said){.good = true, .type = type, .text = text};
}

/* Returns the form of a value of data, which may be none. */
static struct import_said said_value(const char *text)
{
    struct import_said said = said_good(SAID_VALUE, text);
    said.maybe = true;
    return said;
}

/* Is the expression's text free of characters above U+FFFF, whatever its value is? Only a text can have such
 * characters. */
static bool said_is_narrow(struct import_said said)
{
    bool text = said.type == SAID_STR || said.type == SAID_VALUE || said.type == SAID_MAP;
    return said.narrow || !text;
}

/* May the key of attached data be one of the names in `keys`? A key that is computed may be any of them. */
static bool data_is_of(const struct flow_names *keys, const char *key)
{
    return flow_names_find(keys, key) || flow_names_find(keys, "") || (*key != '"' && keys->count > 0);
}

/* Returns the attached value of `key`; bad where a part of the source that is not translated sets the key. */
static struct import_said said_data(struct flow_writer *w, const char *key)
{
    if (data_is_of(&w->import->lost, key)) return said_bad();
    struct import_said said = said_value(arena_printf(w->arena, "user_data[%s]", key));
    said.cut = w->import->cuts, said.blank = data_is_of(&w->import->blanks, key);
    said.odd = data_is_of(&w->import->odds, key);
    return said;
}

struct import_said said_literal(struct flow_writer *w, const char *text)
{
    struct import_said said = said_good(SAID_STR, name_quoted(w->arena, text, true));
    said.within = name_quoted(w->arena, text, false);
    said.cut = strstr(text, "\xef\xbf\xbd") != NULL;
    said.narrow = !said.cut;
    for (const char *c = text; *c; c++) said.narrow = said.narrow && (unsigned char)*c < 0xf0;
    return said;
}

const char *said_default(enum said_type type)
{
    static const char *const defaults[] = {
        [SAID_UNKNOWN] = "\"\"", [SAID_STR] = "\"\"",   [SAID_INT] = "0",  [SAID_FLOAT] = "0.0",
        [SAID_BOOL] = "false",   [SAID_VALUE] = "none", [SAID_MAP] = "[:]"};
    return defaults[type];
}

void flow_needs_module(struct flow_writer *w, const char *name)
{
    static char needed[] = "";
    if (*name) flow_names_add(w->arena, &w->modules, name, needed);
}

/* ---- variables ---- */

static const char variable_project[] = "_data.";

struct import_variable *import_project_variable(struct importer *import, const char *name)
{
    struct import_variable *variable = flow_names_find(&import->project, name);
    if (variable) return variable;
    variable = ARENA_NEW(import->arena, struct import_variable);
    variable->name = arena_copy(import->arena, name, strlen(name));
    variable->project = true;
    const char *bare = arena_printf(import->arena, "project_%s", name + strlen(variable_project));
    variable->ident = name_fresh(import->arena, &import->names, NULL, bare);
    flow_names_add(import->arena, &import->project, variable->name, variable);
    *import->project_end = variable;
    import->project_end = &variable->next;
    return variable;
}

struct import_variable *flow_variable_named(struct flow_writer *w, const char *name, bool make)
{
    static const char state[] = "AppState.";
    bool shared = strncmp(name, variable_project, strlen(variable_project)) == 0;
    if (strncmp(name, state, strlen(state)) == 0) name += strlen(state);
    if (shared && !(w->flow->sets && flow_names_find(w->flow->sets, name)))
        return import_project_variable(w->import, name);
    struct import_variable *variable = flow_names_find(&w->variables, name);
    if (variable || !(make || shared)) return variable;
    variable = ARENA_NEW(w->arena, struct import_variable);
    variable->name = arena_copy(w->arena, name, strlen(name));
    variable->of = shared ? import_project_variable(w->import, name) : NULL;
    variable->ident =
        name_fresh(w->arena, &w->idents, &w->import->names, shared ? name + strlen(variable_project) : name);
    const struct import_variable *kept = w->flow->kept ? flow_names_find(w->flow->kept, variable->name) : NULL;
    if (kept)
        variable->type = kept->type, variable->assigned = kept->assigned, variable->maybe = kept->maybe,
        variable->lost = kept->lost, variable->mixed = kept->mixed, variable->wide = kept->wide,
        variable->cut = kept->cut, variable->blank = kept->blank, variable->odd = kept->odd;
    flow_names_add(w->arena, &w->variables, variable->name, variable);
    *w->end = variable;
    w->end = &variable->next;
    return variable;
}

struct import_variable *flow_variable_set(struct flow_writer *w, const char *name)
{
    static char there[] = "";
    struct import_variable *variable = flow_variable_named(w, name, true);
    if (variable->project) { /* from now on the flow has its own copy, in earlier blocks, too */
        if (!w->flow->sets) w->flow->sets = ARENA_NEW(w->arena, struct flow_names);
        flow_names_add(w->arena, w->flow->sets, variable->name, there);
        w->import->changed = true;
        variable = flow_variable_named(w, name, true);
    }
    variable->assigned = true;
    return variable;
}

/* Gives a variable a type; types only go up, from unknown to one type and then to text, so that the rounds of
 * writing end. */
void variable_becomes(struct flow_writer *w, struct import_variable *variable, enum said_type type)
{
    enum said_type before = variable->type;
    if (variable->fixed || type == SAID_UNKNOWN || before == type) return;
    bool texts = (before == SAID_UNKNOWN || before == SAID_STR || before == SAID_VALUE || before == SAID_INT) &&
                 (type == SAID_STR || type == SAID_VALUE || type == SAID_INT);
    variable->type = before == SAID_UNKNOWN ? type : SAID_STR;
    w->import->changed = w->import->changed || variable->type != before;
    if (before == SAID_UNKNOWN) return;
    if (!variable->mixed) variable->mixed = w->import->changed = true;
    if (!texts && !variable->lost) variable->lost = w->import->changed = true;
}

static bool variable_rises(bool *flag, bool rises)
{
    bool changes = rises && !*flag;
    *flag = *flag || rises;
    return changes;
}

void variable_may_be(struct flow_writer *w, struct import_variable *variable, struct import_said said)
{
    bool nothing = variable_rises(&variable->maybe, said.maybe || said_is_none(said)),
         wide = variable_rises(&variable->wide, !said_is_narrow(said)), cut = variable_rises(&variable->cut, said.cut),
         blank = variable_rises(&variable->blank, said.blank), odd = variable_rises(&variable->odd, said.odd),
         mixed =
             variable_rises(&variable->mixed, said.mixed || (said.type == SAID_VALUE && variable->type == SAID_STR));
    w->import->changed = w->import->changed || nothing || wide || cut || blank || odd || mixed;
}

void variable_lose(struct flow_writer *w, struct import_variable *variable)
{
    if (variable->lost || !w->import->settled) return;
    variable->lost = true;
    w->import->changed = true;
}

void import_data_lose(struct flow_writer *w, const char *key)
{
    static char there[] = "";
    const char *of = *key == '"' ? key : "";
    if (w->import->settled && flow_names_add(w->arena, &w->import->lost, of, there)) w->import->changed = true;
}

const char *variable_used(struct flow_writer *w, struct import_variable *variable)
{
    variable->used |= 1U << w->in;
    variable->needed = true;
    w->reads = true;
    return variable->ident;
}

/* Notes that the value `said` is attached under `key`. Where the source attaches undefined or null, gcx attaches an
 * empty text: this is reported, and an expression that could tell the two apart is not translated. */
void import_data_attached(struct flow_writer *w, const char *key, struct import_said said)
{
    static char there[] = "";
    bool cuts = variable_rises(&w->import->cuts, said.cut),
         blank = said.maybe && flow_names_add(w->arena, &w->import->blanks, *key == '"' ? key : "", there),
         is_odd = said.odd || said.type == SAID_BOOL,
         odd = is_odd && flow_names_add(w->arena, &w->import->odds, *key == '"' ? key : "", there);
    w->import->changed = w->import->changed || cuts || blank || odd;
    if (said.mixed) import_data_lose(w, key); /* an expression that tests the value's type is not translated */
    if (said.maybe)
        import_remark(w, w->block, FLOW_REMARK, "where what %s is to be is nothing, it is an empty text here", key);
}

/* ---- types ---- */

static bool said_is_number(const char *text)
{
    long long number;
    return number_read(text, strlen(text), LLONG_MAX, &number);
}

bool said_is_none(struct import_said said)
{
    return said.good && said.type == SAID_UNKNOWN && !*said.text;
}

/* Converts a value by `function` as ECMAScript does where it is combined with another type: with a text, a number
 * becomes a text; with a number, a text becomes a number. Where the value is none, the result is `nothing`. */
static const char *said_converted(struct flow_writer *w, struct import_said said, const char *function,
                                  const char *nothing)
{
    flow_needs_module(w, "data");
    return arena_printf(w->arena, "(%s(%s, \"\") else %s)", function, said.text, nothing);
}

static const char *said_as_text(struct flow_writer *w, struct import_said said)
{
    switch (said.type) {
    case SAID_STR:
        return said.text;
    case SAID_VALUE:
        return said_converted(w, said, "data_str", "\"\"");
    case SAID_MAP:
        return NULL;
    default:
        if (strcmp(said.text, "true") == 0 || strcmp(said.text, "false") == 0 || said_is_number(said.text))
            return arena_printf(w->arena, "\"%s\"", said.text);
        return arena_printf(w->arena, "\"{%s}\"", said.text);
    }
}

const char *said_as(struct flow_writer *w, struct import_said said, enum said_type type)
{
    if (!said.good || (said.truth && type != SAID_BOOL)) return NULL;
    if (said_is_none(said)) return said_default(type);
    if (said.type == type || type == SAID_UNKNOWN) return said.text;
    if (said.maybe && type == SAID_STR && said.type != SAID_VALUE) return NULL; /* "undefined", "NaN" */
    if (said.type == SAID_UNKNOWN) {                                            /* the variable gets the needed type */
        if (said.of) variable_becomes(w, said.of, type);
        return said.text;
    }
    switch (type) {
    case SAID_STR:
        return said_as_text(w, said);
    case SAID_INT:
        if (said.within && said_is_number(said.within)) return said.within;
        if (said.type == SAID_STR) return arena_printf(w->arena, "(int.parse(%s) else 0)", said.text);
        if (said.type == SAID_VALUE) return said_converted(w, said, "data_int", "0");
        if (said.type == SAID_FLOAT) return arena_printf(w->arena, "(%s).int", said.text);
        return NULL;
    case SAID_BOOL:
        return said_condition(w, said);
    case SAID_FLOAT:
        return said.type == SAID_INT ? said.text : NULL;
    default:
        return NULL;
    }
}

const char *said_key(struct flow_writer *w, struct import_said said)
{
    return said.cut ? NULL : said_as(w, said, SAID_STR);
}

const char *said_condition(struct flow_writer *w, struct import_said said)
{
    if (!said.good || said.mixed) return NULL; /* 0 and "0" */
    if (said_is_none(said)) return "false";
    switch (said.type) {
    case SAID_BOOL:
        return said.text;
    case SAID_STR:
    case SAID_UNKNOWN:
        return arena_printf(w->arena, "%s != \"\"", said.text);
    case SAID_INT:
    case SAID_FLOAT:
        return arena_printf(w->arena, "%s != 0", said.text);
    case SAID_VALUE:
        flow_needs_module(w, "ecmascript");
        return arena_printf(w->arena, "is_true(%s)", said.text);
    default:
        return NULL;
    }
}

/* ---- paths ---- */

const char *import_script_path(struct arena *arena, const struct script *node)
{
    const char *left;
    if (node->kind == SCRIPT_NAME) return node->text;
    if (node->kind != SCRIPT_MEMBER && node->kind != SCRIPT_INDEX) return NULL;
    if (!(left = import_script_path(arena, node->left)) || strlen(left) > 200) return NULL;
    if (node->kind == SCRIPT_MEMBER) return arena_printf(arena, "%s.%s", left, node->text);
    if (node->right->kind == SCRIPT_TEXT) return arena_printf(arena, "%s.%s", left, node->right->text);
    return arena_printf(arena, "%s[]", left);
}

const char *expression_user_data(struct flow_writer *w, const struct script *node)
{
    static const char *const homes[] = {"_genesys.ixn.interactions[].udata", "session.genesys.userdata",
                                        "session.com.genesyslab.userdata", "AppState.userdata"};
    if (node->kind != SCRIPT_MEMBER && node->kind != SCRIPT_INDEX) return NULL;
    const char *left = import_script_path(w->arena, node->left);
    bool home = false;
    for (size_t i = 0; left && i < sizeof homes / sizeof *homes; i++) home = home || strcmp(left, homes[i]) == 0;
    if (!home) return NULL;
    if (node->kind == SCRIPT_MEMBER) return name_quoted(w->arena, node->text, true);
    return said_key(w, expression_said(w, node->right));
}

/* ---- guards ---- */

/* Adds a guard for `text`: in ECMAScript a member of undefined is an error, so where `text` is none the statement is
 * not executed and the path of the error is taken (import_write_guards()). */
static void expression_guard(struct flow_writer *w, const char *text)
{
    for (struct import_guard *guard = w->guards; guard; guard = guard->next)
        if (strcmp(guard->text, text) == 0) return;
    struct import_guard *guard = ARENA_NEW(w->arena, struct import_guard);
    *guard = (struct import_guard){text, w->guards};
    w->guards = guard;
}

/* Does the left side of && already test every guard that the right side has added since `before`? The right side is
 * not always computed, so its guards cannot be tested before the whole statement. */
static bool expression_guarded(struct flow_writer *w, struct import_guard *before, bool and, struct import_said left)
{
    for (struct import_guard *guard = w->guards; guard != before; guard = guard->next)
        if (!and || !(left.of ? strcmp(left.of->ident, guard->text) == 0
                              : strcmp(left.text, arena_printf(w->arena, "%s != none", guard->text)) == 0))
            return false;
    w->guards = before;
    return true;
}

void import_write_guards(struct flow_writer *w)
{
    const char *asks = "";
    for (struct import_guard *guard = w->guards; guard; guard = guard->next)
        asks = arena_printf(w->arena, "%s == none%s%s", guard->text, *asks ? " or " : "", asks);
    if (!*asks || w->linear) return; /* import_write_block tells what stays */
    w->guards = NULL;
    w->guarded++;
    fprintf(w->out, "if %s { %s }\n", asks, way_error(w));
}

/* ---- operators ---- */

/* Reports that ECMAScript reads this value of an answer differently from gcx where it is null or a fraction. */
static void said_told(struct flow_writer *w, struct import_said said)
{
    flow_needs_module(w, "ecmascript");
    if (w->block)
        import_remark(w, w->block, FLOW_REMARK, "where %s is null, or says a fraction, it is read otherwise there",
                      said.text);
}

/* Writes the value as a text; none becomes the word "undefined", as in ECMAScript. */
static const char *said_of_value(struct flow_writer *w, struct import_said said)
{
    if (!said.odd) return said_converted(w, said, "data_str", "\"undefined\"");
    said_told(w, said);
    return arena_printf(w->arena, "(shown_text(%s) else \"undefined\")", said.text);
}

static const char *expression_within(struct flow_writer *w, struct import_said said)
{
    if (said.within) return said.within;
    if (said.truth) return NULL;
    if (said.type == SAID_INT && said_is_number(said.text)) return said.text;
    /* ECMAScript joins undefined to a text as a word, and writes a fraction differently from gcx. */
    if ((said.maybe && said.type != SAID_VALUE) || said.blank || said.type == SAID_FLOAT) return NULL;
    const char *text = said.type == SAID_VALUE ? said_of_value(w, said) : said.text;
    return said.type == SAID_MAP || !text ? NULL : arena_printf(w->arena, "{%s}", text);
}

/* Returns an expression for the text that ECMAScript makes of the value; NULL: gcx has none. */
const char *said_shown(struct flow_writer *w, struct import_said said)
{
    if (!said.good || said.truth || said.blank || said_is_none(said) || said.type == SAID_UNKNOWN) return NULL;
    if (said.type == SAID_VALUE) return said_of_value(w, said);
    if (said.maybe || said.type == SAID_FLOAT || said.type == SAID_MAP) return NULL;
    return said_as_text(w, said);
}

/* Writes the value as a text, or none, from which a number can be read; NULL: gcx has no expression for that. */
static const char *said_perhaps(struct flow_writer *w, struct import_said said)
{
    if (said.odd || said.type == SAID_BOOL) return NULL; /* ECMAScript makes 1 of true and 0 of null */
    if (said.type != SAID_VALUE || said.blank) return said_shown(w, said);
    flow_needs_module(w, "data");
    return arena_printf(w->arena, "data_str(%s, \"\")", said.text);
}

static struct import_said expression_joined(struct flow_writer *w, struct import_said left, struct import_said right)
{
    const char *a = expression_within(w, left), *b = expression_within(w, right);
    if (!a || !b || strlen(a) + strlen(b) > 2000) return said_bad();
    /* In ECMAScript two halves of a character that become neighbours are the whole character. */
    if (left.cut && right.cut && (!*a || a[strlen(a) - 1] == '}') && (!*b || *b == '{')) return said_bad();
    const char *both = arena_printf(w->arena, "%s%s", a, b);
    struct import_said said = said_good(SAID_STR, arena_printf(w->arena, "\"%s\"", both));
    said.within = both;
    said.narrow = said_is_narrow(left) && said_is_narrow(right);
    said.cut = left.cut || right.cut;
    return said;
}

static bool expression_number(struct import_said said)
{
    return said.type == SAID_INT || said.type == SAID_FLOAT;
}

/* Makes a variable without a type a whole number, since the other operand is a number. */
static struct import_said expression_counted(struct flow_writer *w, struct import_said said)
{
    if (said.type != SAID_UNKNOWN || !said.of) return said;
    variable_becomes(w, said.of, SAID_INT);
    said.type = SAID_INT;
    return said;
}

static bool expression_constant(struct import_said said)
{
    return said.good && !said.text[strspn(said.text, "0123456789.()-+ ")];
}

/* Could the compiler refuse this calculation? Literals alone may overflow, and a literal divisor may be zero. */
static bool expression_faulty(const char *sign, struct import_said left, struct import_said right)
{
    if (*sign == '+' || *sign == '-') return false;
    bool both = expression_constant(left) && expression_constant(right);
    bool divides = *sign == '/' || *sign == '%';
    return both || (divides && expression_constant(right) && !right.text[strspn(right.text, "0.()-+ ")]);
}

/* Is the value a number in ECMAScript in every case, never NaN or undefined? */
static bool expression_sure(struct import_said said)
{
    return said.good && !said.maybe && (expression_number(said) || (said.within && said_is_number(said.within)));
}

static bool expression_literal_above(struct import_said said)
{
    return said.good && said_is_number(said.text) && said.text[strspn(said.text, "0")];
}

/* Is it known whether + adds two numbers or joins two texts? A value from data, or a text that may have been a
 * number, is added to a number, but joined to a text. */
static bool computed_plus_known(struct import_said left, struct import_said right)
{
    bool known = (left.type == SAID_STR && !left.mixed) || (right.type == SAID_STR && !right.mixed);
    bool loose = left.mixed || right.mixed || left.type == SAID_VALUE || right.type == SAID_VALUE;
    bool typed = left.type != SAID_UNKNOWN && right.type != SAID_UNKNOWN;
    return (known || !loose) && typed && left.type != SAID_BOOL && right.type != SAID_BOOL;
}

/* Does this operator give the same number in gcx as in ECMAScript? In ECMAScript a text may be no number, and a
 * variable may not be set: both give NaN. Whole numbers may give a fraction when divided there; expression_whole()
 * handles the case where the fraction is cut off. */
static bool computed_surely(char sign, struct import_said left, struct import_said right)
{
    if (!expression_sure(left) || !expression_sure(right)) return false;
    if (sign == '%') return expression_literal_above(right);
    return sign != '/' || left.type == SAID_FLOAT || right.type == SAID_FLOAT;
}

static struct import_said expression_computed(struct flow_writer *w, const char *sign, struct import_said left,
                                              struct import_said right)
{
    bool plus = strcmp(sign, "+") == 0;
    if (right.type == SAID_INT) left = expression_counted(w, left);
    if (left.type == SAID_INT) right = expression_counted(w, right);
    if (said_is_none(left) || said_is_none(right) || (plus && !computed_plus_known(left, right))) return said_bad();
    if (plus && !(expression_number(left) && expression_number(right))) return expression_joined(w, left, right);
    if (!computed_surely(*sign, left, right)) return said_bad();
    bool fraction = left.type == SAID_FLOAT || right.type == SAID_FLOAT;
    const char *a = left.type == SAID_FLOAT ? left.text : said_as(w, left, SAID_INT);
    const char *b = right.type == SAID_FLOAT ? right.text : said_as(w, right, SAID_INT);
    if (!a || !b || expression_faulty(sign, left, right)) return said_bad();
    const char *as = *sign == '%' ? "mod" : *sign == '+' ? "+" : sign;
    return said_good(fraction ? SAID_FLOAT : SAID_INT, arena_printf(w->arena, "(%s %s %s)", a, as, b));
}

/* Do both sides have different known types, so that === never holds? The type of a value is known only at run time. */
static bool compared_apart(struct import_said left, struct import_said right)
{
    bool known =
        left.type != SAID_UNKNOWN && right.type != SAID_UNKNOWN && left.type != SAID_VALUE && right.type != SAID_VALUE;
    return known && left.type != right.type && !(expression_number(left) && expression_number(right));
}

/* For === and !==: writes the member that reads the value if it already has `type`; NULL: `said` is no value, or a
 * value has no member for that type. */
static const char *compared_strictly(struct flow_writer *w, struct import_said said, enum said_type type)
{
    static const char *const members[] = {
        [SAID_STR] = "str", [SAID_INT] = "int", [SAID_BOOL] = "bool", [SAID_MAP] = NULL};
    const char *member = said.type == SAID_VALUE ? members[type] : NULL;
    return member ? arena_printf(w->arena, "%s.%s", said.text, member) : NULL;
}

/* Writes `said` as a float that is none where ECMAScript has NaN; NULL: gcx has no such expression for it. */
static const char *compared_number(struct flow_writer *w, struct import_said said, bool equal)
{
    if (said.odd && !equal) said_told(w, said);
    if (said.odd) flow_needs_module(w, "ecmascript");
    if (said.odd && !said.blank) return arena_printf(w->arena, "value_number(%s)", said.text);
    if (said.perhaps) return said.perhaps;
    if (said_is_none(said) || said.blank) return NULL;
    switch (said.type) {
    case SAID_INT:
        if (said.maybe) return NULL;
        return said_is_number(said.text) ? arena_printf(w->arena, "%s.0", said.text)
                                         : arena_printf(w->arena, "(1.0 * %s)", said.text);
    case SAID_FLOAT:
        return said.maybe ? NULL : said.text;
    case SAID_STR:
        if (said.maybe) return NULL;
        flow_needs_module(w, "ecmascript");
        return arena_printf(w->arena, "number_of(%s)", said.text);
    case SAID_VALUE:
        flow_needs_module(w, "data");
        flow_needs_module(w, "ecmascript");
        return arena_printf(w->arena, "number_of(data_str(%s, \"\"))", said.text);
    default:
        return NULL;
    }
}

/* Compares two sides, where at least one is a number. NaN is not less or greater than anything, and equals nothing. */
static struct import_said compared_numbers(struct flow_writer *w, const char *sign, struct import_said left,
                                           struct import_said right)
{
    if (expression_sure(left) && expression_sure(right) && expression_number(left) && expression_number(right))
        return said_good(SAID_BOOL, arena_printf(w->arena, "%s %s %s", left.text, sign, right.text));
    bool equal = *sign == '=' || *sign == '!';
    const char *a = compared_number(w, left, equal), *b = compared_number(w, right, equal);
    if (!a || !b) return said_bad();
    flow_needs_module(w, "ecmascript");
    bool turned = *sign == '>';
    const char *asks = *sign == '=' ? "is_number" : *sign == '!' ? "not is_number" : sign[1] ? "is_at_most" : "is_less";
    return said_good(SAID_BOOL, arena_printf(w->arena, "%s(%s, %s)", asks, turned ? b : a, turned ? a : b));
}

/* Compares `said` with null or undefined; bad where gcx does not know whether `said` is set. */
static struct import_said compared_nothing(struct flow_writer *w, const char *sign, struct import_said said)
{
    if (said.type == SAID_VALUE && !said.blank)
        return said_good(SAID_BOOL, arena_printf(w->arena, "%s %s none", said.text, sign));
    if (said.maybe || said.type == SAID_UNKNOWN || said.type == SAID_MAP) return said_bad();
    return said_good(SAID_BOOL, *sign == '=' ? "false" : "true");
}

/* Is the value a literal text that ECMAScript finds equal to no number and to no truth value? */
static bool compared_word(struct import_said said)
{
    return said.within && isalpha((unsigned char)*said.within) && strcmp(said.within, "true") != 0 &&
           strcmp(said.within, "false") != 0 && strcmp(said.within, "Infinity") != 0;
}

static bool said_is_empty(struct import_said said)
{
    return said.within && !*said.within;
}

/* A comparison: the operator, as gcx writes it, and both sides. */
struct compared {
    const char *sign;
    bool equal, strict; /* equal: the operator is == or !=; strict: the source has === or !== */
    struct import_said left, right;
};

/* Returns the side of the comparison whose type is SAID_VALUE; compared_other() returns the other side. */
static struct import_said compared_value(const struct compared *c)
{
    return c->left.type == SAID_VALUE ? c->left : c->right;
}
static struct import_said compared_other(const struct compared *c)
{
    return c->left.type == SAID_VALUE ? c->right : c->left;
}

static struct import_said compared_none(struct flow_writer *w, const struct compared *c)
{
    bool left = said_is_none(c->left), right = said_is_none(c->right);
    if (left && right) return c->strict ? said_bad() : said_good(SAID_BOOL, *c->sign == '=' ? "true" : "false");
    struct import_said asked = left ? c->right : c->left;
    return c->equal && !(c->strict && asked.maybe) ? compared_nothing(w, c->sign, asked) : said_bad();
}

/* Compares a truth value with another one; bad for other types, for which ECMAScript makes a number of the truth
 * value. */
static struct import_said compared_truths(struct flow_writer *w, const struct compared *c)
{
    struct import_said value = compared_value(c), truth = compared_other(c);
    bool both = c->left.type == c->right.type && !c->left.maybe && !c->right.maybe;
    if (!c->equal || !(both || (c->strict && value.type == SAID_VALUE && !truth.maybe))) return said_bad();
    return said_good(SAID_BOOL, both ? arena_printf(w->arena, "(%s) %s (%s)", c->left.text, c->sign, c->right.text)
                                     : arena_printf(w->arena, "%s.bool %s (%s)", value.text, c->sign, truth.text));
}

/* For === and !==: compares a value with a whole number, without converting the value first. */
static struct import_said compared_number_strictly(struct flow_writer *w, const struct compared *c)
{
    struct import_said value = compared_value(c), number = compared_other(c);
    if (number.type != SAID_INT || number.maybe) return said_bad();
    if (value.odd) flow_needs_module(w, "ecmascript");
    if (value.odd)
        return said_good(SAID_BOOL, arena_printf(w->arena, "%sis_number(typed_number(%s), 1.0 * %s)",
                                                 *c->sign == '=' ? "" : "not ", value.text, number.text));
    return said_good(SAID_BOOL, arena_printf(w->arena, "%s.int %s %s", value.text, c->sign, number.text));
}

/* Could ECMAScript compare these two differently from gcx? Halves of characters are whole characters in gcx: they
 * are compared only with texts that have none. A value that may be a number or null cannot be compared by < or >
 * with a text. */
static bool compared_unsure(const struct compared *c, struct import_said one, struct import_said other)
{
    if (one.cut && (!c->equal || !said_is_narrow(other))) return true;
    if (one.mixed && (!c->equal || !compared_word(other))) return true;
    return !c->equal && (one.type == SAID_VALUE || one.maybe);
}

/* Could `one` be null where the other text equals null in ECMAScript, or may be null itself? */
static bool compared_as_nothing(struct import_said one, struct import_said other)
{
    return one.maybe && (other.maybe || !other.within || said_is_empty(other) || one.odd);
}

/* Compares a value that may be none with a text: null equals no text, but 0 and false equal an empty text in
 * ECMAScript. */
static struct import_said compared_with_nothing(struct flow_writer *w, const struct compared *c)
{
    struct import_said value = compared_value(c), text = compared_other(c);
    if (value.type != SAID_VALUE || value.blank || text.maybe || !text.within) return said_bad();
    flow_needs_module(w, "ecmascript");
    if (c->strict) return said_good(SAID_BOOL, arena_printf(w->arena, "%s.str %s %s", value.text, c->sign, text.text));
    return said_good(
        SAID_BOOL, arena_printf(w->arena, "%sis_equal(%s, %s)", *c->sign == '=' ? "" : "not ", value.text, text.text));
}

static struct import_said compared_texts(struct flow_writer *w, const struct compared *c)
{
    const struct import_said left = c->left, right = c->right;
    if (compared_unsure(c, left, right) || compared_unsure(c, right, left)) return said_bad();
    if (left.type == SAID_VALUE && right.type == SAID_VALUE) return said_bad();
    if (compared_as_nothing(left, right) || compared_as_nothing(right, left)) return compared_with_nothing(w, c);
    const char *a = c->strict ? compared_strictly(w, left, SAID_STR) : NULL,
               *b = c->strict ? compared_strictly(w, right, SAID_STR) : NULL;
    if (!a) a = said_as(w, left, SAID_STR);
    if (!b) b = said_as(w, right, SAID_STR);
    if (!a || !b) return said_bad();
    if (c->equal || (left.narrow && right.narrow))
        return said_good(SAID_BOOL, arena_printf(w->arena, "%s %s %s", a, c->sign, b));
    flow_needs_module(w, "ecmascript");
    bool turned = (*c->sign == '>') != (c->sign[1] == '='); /* for a <= b the sides are swapped: it is not b < a */
    return said_good(SAID_BOOL, arena_printf(w->arena, "%stext_less(%s, %s)", c->sign[1] ? "not " : "", turned ? b : a,
                                             turned ? a : b));
}

static bool compared_never(struct import_said said)
{
    return said.type == SAID_UNKNOWN || said.type == SAID_MAP;
}

static struct import_said expression_compared(struct flow_writer *w, const char *sign, struct import_said left,
                                              struct import_said right)
{
    const struct compared c = {
        .sign = strcmp(sign, "===") == 0   ? "=="
                : strcmp(sign, "!==") == 0 ? "!="
                                           : sign,
        .equal = *sign == '=' || *sign == '!',
        .strict = strlen(sign) == 3,
        .left = left,
        .right = right,
    };
    if (!left.good || !right.good || left.truth || right.truth) return said_bad();
    if (said_is_none(left) || said_is_none(right)) return compared_none(w, &c);
    if (compared_never(left) || compared_never(right)) return said_bad();
    if (c.strict && (compared_apart(left, right) || left.mixed || right.mixed)) return said_bad();
    if (left.type == SAID_BOOL || right.type == SAID_BOOL) return compared_truths(w, &c);
    bool value = left.type == SAID_VALUE || right.type == SAID_VALUE;
    if (!expression_number(left) && !expression_number(right)) return compared_texts(w, &c);
    return c.strict && value ? compared_number_strictly(w, &c) : compared_numbers(w, c.sign, left, right);
}

/* Translates typeof x == 'undefined', which tests whether x is nothing. */
static const struct script *expression_typeof(const struct script *node, bool *undefined)
{
    const struct script *left = node->left, *right = node->right;
    if (left->kind != SCRIPT_UNARY || strcmp(left->text, "typeof") != 0 || right->kind != SCRIPT_TEXT) return NULL;
    *undefined = strcmp(right->text, "undefined") == 0;
    return left->left;
}

static struct import_said expression_binary(struct flow_writer *w, const struct script *node)
{
    const char *sign = node->text;
    bool undefined = false;
    const struct script *asked = expression_typeof(node, &undefined);
    if (asked && (*sign == '=' || *sign == '!')) {
        struct import_said said = expression_said(w, asked), nothing = said_good(SAID_UNKNOWN, "");
        if (!undefined || !said.good || said_is_none(said) || said.odd) return said_bad();
        return expression_compared(w, *sign == '=' ? "==" : "!=", said, nothing);
    }
    struct import_said left = expression_said(w, node->left);
    struct import_guard *before = w->guards;
    struct import_said right = expression_said(w, node->right);
    if (!left.good || !right.good) return said_bad();
    if (strcmp(sign, "&&") == 0 || strcmp(sign, "||") == 0) {
        if (!expression_guarded(w, before, *sign == '&', left)) return said_bad();
        const char *a = said_condition(w, left), *b = said_condition(w, right);
        if (!a || !b) return said_bad();
        struct import_said both =
            said_good(SAID_BOOL, arena_printf(w->arena, "(%s %s %s)", a, *sign == '&' ? "and" : "or", b));
        both.truth = left.type != SAID_BOOL || right.type != SAID_BOOL || left.truth || right.truth;
        return both;
    }
    if (strchr("=!<>", *sign)) return expression_compared(w, sign, left, right);
    return expression_computed(w, sign, left, right);
}

static struct import_said expression_unary(struct flow_writer *w, const struct script *node)
{
    struct import_said said = expression_said(w, node->left);
    if (!said.good) return said;
    if (*node->text == '!') {
        const char *condition = said_condition(w, said);
        return condition ? said_good(SAID_BOOL, arena_printf(w->arena, "not (%s)", condition)) : said_bad();
    }
    if (*node->text == 't') return said_bad();
    if (!expression_sure(said)) return said_bad();
    const char *number = said.type == SAID_FLOAT ? said.text : said_as(w, said, SAID_INT);
    enum said_type type = said.type == SAID_FLOAT ? SAID_FLOAT : SAID_INT;
    if (!number) return said_bad();
    return said_good(type, *node->text == '+' ? number : arena_printf(w->arena, "(-%s)", number));
}

/* ---- calls ---- */

struct form_row {
    const char *name, *arguments;
    enum said_type type;
    const char *form, *module;
    const char *perhaps; /* the form gives a float, or none for NaN; NULL: it always gives a value */
    bool cuts;           /* its result may begin or end with half of a wide character */
};
static const struct form_row form_calls[] = {
#define CALL(name, arguments, type, form, module)    {name, arguments, SAID_##type, form, module, NULL, false},
#define PERHAPS(name, arguments, type, form, module) {name, arguments, SAID_##type, form, module, #type, false},
#include "compiler/import/functions.def"
};
static const struct form_row form_methods[] = {
#define METHOD(name, arguments, type, form, module) {name, arguments, SAID_##type, form, module, NULL, false},
#define CUTS(name, arguments, form)                 {name, arguments, SAID_STR, form, "ecmascript", NULL, true},
#include "compiler/import/functions.def"
};
static const struct form_row form_names[] = {
#define NAME(path, form, type) {path, "", SAID_##type, form, "", NULL, false},
#include "compiler/import/functions.def"
};

/* Returns the row of functions.def for a name that the platform of the source defines; NULL: it defines none such. */
static const struct form_row *form_named(const char *path)
{
    for (size_t i = 0; i < sizeof form_names / sizeof *form_names; i++)
        if (strcmp(form_names[i].name, path) == 0) return &form_names[i];
    return NULL;
}

bool name_is_platform(const char *path)
{
    return form_named(path) != NULL;
}

enum { FORM_TEXTS = 4 /* the object of a method, and up to three arguments */, FORM_LONGEST = 4000 };

/* Is the argument of the kind that the letter of the form stands for (functions.def)? */
static bool form_takes(char letter, struct import_said said, bool passes)
{
    switch (letter) {
    case 'n':
        return said.good && said.type == SAID_INT && said_is_number(said.text);
    case '0':
        return said.good && said.type == SAID_INT && strcmp(said.text, "0") == 0;
    case 'd':
        return strcmp(said.text, "10") == 0;
    case 'i':
        return expression_sure(said);
    case 'p':
        return !said.perhaps;
    case 's':
        return !said.cut || passes;
    default:
        return true;
    }
}

/* Returns the argument in the form that the letter of a function's row stands for (functions.def); NULL: it has no
 * such form. */
static const char *form_argument(struct flow_writer *w, char letter, struct import_said said)
{
    return letter == 's'   ? said_shown(w, said)
           : letter == 'p' ? said_perhaps(w, said)
           : letter == 'i' ? said_as(w, said, SAID_INT)
           : said.good     ? said.text
                           : NULL;
}

/* Returns the form with the texts in its places $0, $1 ...; NULL: the result is too long. */
static char *form_written(struct flow_writer *w, const char *form, const char *const texts[FORM_TEXTS])
{
    size_t length = 0;
    for (const char *c = form; *c; c++) length += c[0] == '$' ? strlen(texts[c[1] - '0']) : 1;
    if (length > FORM_LONGEST) return NULL;
    char *filled = ARENA_ARRAY(w->arena, char, length + 1), *to = filled;
    for (const char *c = form; *c; c++) {
        if (*c != '$') {
            *to++ = *c;
            continue;
        }
        const char *text = texts[*++c - '0'];
        memcpy(to, text, strlen(text));
        to += strlen(text);
    }
    return filled;
}

/* Puts the arguments into the form, and the text `object` of a method; bad where their types do not fit. */
static struct import_said form_filled(struct flow_writer *w, const struct form_row *row, struct import_said object,
                                      const struct script *arguments)
{
    const char *texts[FORM_TEXTS] = {said_shown(w, object)}, *wants = row->arguments;
    bool only_narrow = *wants == 'b', narrow = said_is_narrow(object), cut = object.cut,
         passes = strcmp(row->form, "$1") == 0;
    wants += only_narrow;
    size_t wanted = strlen(wants);
    assert(wanted < FORM_TEXTS);
    if (!texts[0] || (only_narrow && !narrow)) return said_bad();
    /* Two halves become one character where the text between them is removed. */
    if (object.cut && !row->cuts && wanted > 0 && row->type == SAID_STR) return said_bad();
    for (size_t i = 0; i < wanted; i++) {
        char letter = wants[i];
        texts[i + 1] = "";
        if (!arguments && letter == '*') continue;
        if (!arguments) return said_bad();
        struct import_said said = letter == '*' ? said_good(SAID_STR, "") : expression_said(w, arguments);
        if (!form_takes(letter, said, passes)) return said_bad();
        narrow = narrow && said_is_narrow(said), cut = cut || (passes && said.cut);
        if (!(texts[i + 1] = form_argument(w, letter, said))) return said_bad();
        arguments = arguments->next;
    }
    char *filled = arguments ? NULL : form_written(w, row->form, texts);
    if (!filled) return said_bad();
    flow_needs_module(w, row->module);
    struct import_said said = said_good(row->type, filled);
    said.narrow = narrow;
    said.cut = row->type == SAID_STR && (cut || (row->cuts && !narrow));
    if (row->perhaps) { /* a number that may be none: used as a value it is then 0 */
        said.perhaps = filled;
        said.text = arena_printf(w->arena, row->type == SAID_INT ? "whole_of(%s)" : "(%s else 0.0)", filled);
        said.maybe = true;
    }
    return said;
}

/* Translates Math.floor(a / b): gcx divides whole numbers so. Bad where the call is not of this form. */
static struct import_said expression_whole(struct flow_writer *w, const char *path, const struct script *part)
{
    bool cuts = path && (strcmp(path, "Math.floor") == 0 || strcmp(path, "parseInt") == 0);
    if (!cuts || !part || part->kind != SCRIPT_BINARY || *part->text != '/') return said_bad();
    struct import_said left = expression_said(w, part->left), right = expression_said(w, part->right);
    if (!expression_sure(left) || !expression_literal_above(right) || left.type != SAID_INT || right.type != SAID_INT ||
        expression_faulty("/", left, right))
        return said_bad();
    if (*path == 'p') return said_good(SAID_INT, arena_printf(w->arena, "(%s / %s)", left.text, right.text));
    flow_needs_module(w, "ecmascript");
    return said_good(SAID_INT, arena_printf(w->arena, "whole_below(%s, %s)", left.text, right.text));
}

static struct import_said expression_call(struct flow_writer *w, const struct script *node)
{
    const char *path = import_script_path(w->arena, node->left);
    struct import_said whole = expression_whole(w, path, node->parts);
    if (whole.good) return whole;
    if (path && strcmp(path, "_genesys.ixn.getuData") == 0 && node->parts) {
        const char *key = said_key(w, expression_said(w, node->parts));
        return key ? said_data(w, key) : said_bad();
    }
    for (size_t i = 0; path && i < sizeof form_calls / sizeof *form_calls; i++) {
        if (strcmp(form_calls[i].name, path) != 0) continue;
        struct import_said said = form_filled(w, &form_calls[i], said_literal(w, ""), node->parts);
        if (said.good) return said;
    }
    if (node->left->kind != SCRIPT_MEMBER) return said_bad();
    for (size_t i = 0; i < sizeof form_methods / sizeof *form_methods; i++) {
        if (strcmp(form_methods[i].name, node->left->text) != 0) continue;
        struct import_said of = expression_said(w, node->left->left);
        bool text =
            of.good && !of.maybe && !of.mixed && (of.type == SAID_STR || strcmp(node->left->text, "toString") == 0);
        struct import_said said = text ? form_filled(w, &form_methods[i], of, node->parts) : said_bad();
        if (said.good) return said;
    }
    return said_bad();
}

/* ---- names, members, objects ---- */

static struct import_said expression_named(struct flow_writer *w, const struct script *node)
{
    const char *path = import_script_path(w->arena, node);
    static const char *const nothing[] = {"undefined", "null"};
    if (!path) return said_bad();
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcmp(path, nothing[i]) == 0) return said_good(SAID_UNKNOWN, "");
    if (strcmp(path, "true") == 0 || strcmp(path, "false") == 0) return said_good(SAID_BOOL, path);
    struct import_variable *variable = strchr(path, '[') ? NULL : flow_variable_named(w, path, false);
    const struct form_row *row = form_named(path);
    if (!variable && row) {
        struct import_said named = said_good(row->type, row->form);
        named.narrow = true;
        return named;
    }
    if (!variable) return said_bad();
    if (variable->lost) return said_bad();
    struct import_said said = said_good(variable->type, variable_used(w, variable));
    said.of = variable;
    said.maybe = variable->maybe || variable->type == SAID_VALUE;
    said.mixed = variable->mixed;
    said.narrow = !variable->wide && !variable->project && !variable->of;
    said.cut = variable->cut, said.blank = variable->blank, said.odd = variable->odd;
    return said;
}

static struct import_said expression_member(struct flow_writer *w, const struct script *node)
{
    const char *key = expression_user_data(w, node);
    if (key) return said_data(w, key);
    struct import_said named = expression_named(w, node);
    if (named.good) return named;
    struct import_said left = expression_said(w, node->left);
    if (!left.good) return left;
    if (node->kind == SCRIPT_MEMBER && strcmp(node->text, "length") == 0) {
        if (left.type != SAID_STR || left.maybe || left.mixed) return said_bad();
        if (!left.narrow) flow_needs_module(w, "ecmascript");
        return said_good(SAID_INT, arena_printf(w->arena, left.narrow ? "%s.count" : "text_length(%s)", left.text));
    }
    if (left.type != SAID_VALUE || left.blank) return said_bad();
    /* gcx has no member for an item of a list. */
    if (node->kind == SCRIPT_INDEX && (node->right->kind != SCRIPT_TEXT || isdigit((unsigned char)*node->right->text)))
        return said_bad();
    const char *index = node->kind == SCRIPT_MEMBER ? name_quoted(w->arena, node->text, true)
                                                    : said_key(w, expression_said(w, node->right));
    if (!index) return said_bad();
    expression_guard(w, left.text);
    struct import_said said = said_value(arena_printf(w->arena, "%s[%s]", left.text, index));
    said.cut = left.cut, said.odd = left.odd;
    return said;
}

static struct import_said expression_object(struct flow_writer *w, const struct script *node)
{
    const char *text = "[";
    int count = 0;
    for (const struct script *part = node->parts; part; part = part->next, count++) {
        const char *value = said_shown(w, expression_said(w, part->left));
        if (count > 60) return said_bad();
        if (!value) {
            if (w->block && !w->linear)
                import_remark(w, w->block, FLOW_REMARK, "%s is left out: write its value",
                              script_source(w->arena, part));
            count--;
            continue;
        }
        text = arena_printf(w->arena, "%s%s%s: %s", text, count ? ", " : "", name_quoted(w->arena, part->text, true),
                            value);
    }
    return said_good(SAID_MAP, count ? arena_printf(w->arena, "%s]", text) : "[:]");
}

static struct import_said expression_literal(struct flow_writer *w, const struct script *node)
{
    size_t digits = strspn(node->text, "0123456789");
    if (*node->text == '0' && digits > 1) return said_bad(); /* in ECMAScript digits after a 0 may be octal */
    if (!node->text[digits] && digits < 16) return said_good(SAID_INT, node->text);
    if (node->text[digits] != '.') return said_bad();
    size_t fraction = strspn(node->text + digits + 1, "0123456789");
    if (digits == 0 || fraction == 0 || digits + fraction > 15 || node->text[digits + 1 + fraction]) return said_bad();
    (void)w;
    return said_good(SAID_FLOAT, node->text);
}

struct import_said expression_said(struct flow_writer *w, const struct script *node)
{
    if (!node) return said_bad();
    switch (node->kind) {
    case SCRIPT_NUMBER:
        return expression_literal(w, node);
    case SCRIPT_TEXT:
        return strlen(node->text) < 1000 ? said_literal(w, node->text) : said_bad();
    case SCRIPT_NAME:
        return expression_named(w, node);
    case SCRIPT_MEMBER:
    case SCRIPT_INDEX:
        return expression_member(w, node);
    case SCRIPT_CALL:
        return expression_call(w, node);
    case SCRIPT_UNARY:
        return expression_unary(w, node);
    case SCRIPT_BINARY:
        return expression_binary(w, node);
    case SCRIPT_OBJECT:
        return expression_object(w, node);
    default:
        return said_bad();
    }
}

struct import_said expression_text(struct flow_writer *w, const char *source)
{
    if (!*source) return said_bad();
    return expression_said(w, script_expression(w->arena, source));
}
