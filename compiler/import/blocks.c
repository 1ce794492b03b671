/* compiler/import/blocks.c - Writes each kind of block as statements of gcx.
 *
 *     block of the drawing                  text that is written
 *     Branching  x > 3 -> A, default -> B   if x > 3 { <way to A> }  <way to B>
 *     PlayApplication  p -> C               let p_found = ivr.application("p") else { <way of the failure> }; ...
 *     SetUserData  k = v                    attach user_data["k"] = v;
 *
 * import_write_block() handles what all kinds have (disabled, a condition of its own) and calls the function of the
 * kind. Where gcx cannot express a block, the function writes what it can and a remark; the remark goes to the
 * report, too. While `w->linear` is true (in a handler, or during a wait) there is one path only, so no branches are
 * written. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/import/number.h"
#include "compiler/import/writer.h"
#include "vm/request.h"

enum { BLOCK_PARTS = 500 /* the most conditions or parameters of one block */, ENDPOINT_PARAMETERS = 12 };

/* Returns the `else` of a step that fails: to the block that the source names, or, where it names none, to `on
 * error`. */
const char *block_else(struct flow_writer *w, const struct flow_block *block, bool must)
{
    uint32_t to = flow_failed(block);
    if (w->linear) return "else {}";
    return to == FLOW_NOWHERE ? "" : way_else(w, to, must);
}

/* Writes the jump to the block after this exit. */
void block_on(struct flow_writer *w, const struct flow_block *block, const char *exit)
{
    fprintf(w->out, "%s\n", way_to(w, flow_exit_to(block, exit), false));
}

const char *block_ident(struct flow_writer *w, struct flow_block *block, const char *tail)
{
    return arena_printf(w->arena, "%s_%s", block->label, tail);
}

/* Returns the text or the expression of the property `name`. False where the property is empty; `*said` is then
 * unchanged. */
bool block_said(struct flow_writer *w, const struct flow_value *values, const char *name, struct import_said *said)
{
    bool expression;
    const char *text = flow_text(w->arena, values, name, &expression);
    if (!*text) return false;
    *said = expression ? expression_text(w, text) : said_literal(w, text);
    return true;
}

/* Returns `other` where the source's number is empty, unknown or not above zero; the report shows both. */
static const char *seconds_other(struct flow_writer *w, const char *name, const char *given, const char *other)
{
    if (w->block && *other)
        import_remark(w, w->block, FLOW_REMARK, "not translated: its %s is %s there, and %s here", name,
                      *given ? given : "not said", other);
    return other;
}

/* Returns a duration given in seconds. A literal number becomes `30s`; a text is read while the program runs; for a
 * value that cannot be known it is `other`, and the report says so. */
const char *block_seconds(struct flow_writer *w, const struct flow_value *values, const char *name, const char *other)
{
    struct import_said said;
    bool expression;
    const char *given = flow_text(w->arena, values, name, &expression);
    if (!block_said(w, values, name, &said)) return seconds_other(w, name, given, other);
    const char *written = !said.good ? "" : said.within ? said.within : said.type == SAID_INT ? said.text : "";
    long long seconds;
    if (number_read(written, strlen(written), 9999999, &seconds))
        return seconds > 0 ? arena_printf(w->arena, "%llds", seconds) : seconds_other(w, name, given, other);
    if (said.good && said.of && said.type == SAID_UNKNOWN && !said.of->project) {
        if (w->block) import_remark(w, w->block, FLOW_REMARK, "nobody sets %s: %s is taken", said.of->name, other);
        return other;
    }
    if (said.of) said.of->seconds = true;
    const char *number = said_as(w, said, SAID_INT);
    bool sure = said.type == SAID_INT && !said.maybe;
    if (w->block && (!number || !sure))
        import_remark(w, w->block, FLOW_REMARK, "not translated: %s=%s, unless it is a whole number", name, given);
    if (number && said.type == SAID_STR) /* a text that is no number counts as 0s */
        return arena_printf(w->arena, "((int.parse(%s) else 0) * 1s)", said.text);
    return number ? arena_printf(w->arena, "%s * 1s", number) : other;
}

/* ---- what computes ---- */

static void import_write_entry_block(struct flow_writer *w, struct flow_block *block)
{
    block_on(w, block, "");
}

/* Writes a block that is not translated: its properties become remarks, so that a person can write it. */
static void import_write_left_block(struct flow_writer *w, struct flow_block *block)
{
    for (const struct flow_value *value = block->values; value; value = value->next)
        if (*value->value && !strstr("is id name category type enableStatus", value->name))
            import_remark_line(w->out, arena_printf(w->arena, "%s: ", value->name),
                               flow_shown(w->arena, value->name, value->value));
    block_on(w, block, "");
}

static void import_write_assign_block(struct flow_writer *w, struct flow_block *block)
{
    FLOW_EACH(value, block->values, "assignData")
    {
        const struct flow_value *key = flow_find(value->parts, "Key"), *what = flow_find(value->parts, "Value");
        if (!key || !what) continue;
        /* A value may itself be an assignment: it is executed first, and the variable that it sets is the value. */
        const struct script *value_said = script_expression(w->arena, what->value);
        bool own = value_said->kind == SCRIPT_ASSIGN, any, ended;
        const char *first = own ? arena_printf(w->arena, "%s;", what->value) : "";
        const char *is = own ? script_source(w->arena, value_said->left) : what->value;
        bool same = own && strcmp(is, key->value) == 0;
        if (value_said->kind == SCRIPT_OTHER) is = arena_printf(w->arena, "(%s)", is); /* more than an expression */
        if (import_write_script(w, same ? first : arena_printf(w->arena, "%s %s = %s", first, key->value, is), &any,
                                &ended))
            continue;
        import_remark(w, block, FLOW_REMARK, "%s keeps its value: write what it is to be", key->value);
    }
    block_on(w, block, "");
}

/* Writes a script; if it ends on each of its paths, no jump follows. */
static void import_write_script_block(struct flow_writer *w, struct flow_block *block)
{
    bool any, ended;
    const struct flow_value *script = flow_find(block->values, "script");
    w->script_to = flow_exit_to(block, "");
    if (!import_write_script(w, script ? script->value : "", &any, &ended))
        import_remark(w, block, any ? FLOW_REMARK : FLOW_LEFT,
                      "its statements that are not translated stand there as remarks: write what they are to do");
    if (!ended) block_on(w, block, "");
}

static void import_write_log_block(struct flow_writer *w, struct flow_block *block)
{
    FLOW_EACH(value, block->values, "loggingDetails")
    {
        bool any, ended, reads = w->reads, words = script_expression(w->arena, value->value)->kind == SCRIPT_OTHER;
        if (words) import_remark_line(w->out, "log: ", value->value);
        if (!words && !import_write_script(w, arena_printf(w->arena, "__Log(%s);", value->value), &any, &ended))
            import_remark(w, block, FLOW_REMARK, "not translated: what it logs, which may set or fail there: %s",
                          value->value);
        w->reads = reads; /* logged values are only remarks here, so they count as not read */
    }
    block_on(w, block, "");
}

/* Returns a condition; one that is not translated becomes a parameter of the site, so that all paths exist. Until
 * the site has set the parameter, nobody knows which path is right: the call takes the path of an error. */
static const char *block_condition(struct flow_writer *w, struct flow_block *block, const char *name,
                                   const char *source)
{
    const char *condition = said_condition(w, expression_text(w, source));
    if (condition) import_write_guards(w);
    if (condition) return condition;
    w->guards = NULL;
    struct import_variable *decided =
        flow_variable_named(w, arena_printf(w->arena, "_data.%s_%s_%s", w->flow->ident, block->label, name), true);
    variable_becomes(w, decided, SAID_BOOL);
    decided->doc = source, decided->decides = true;
    import_remark_line(w->out, "not translated: ", source);
    import_remark(w, block, FLOW_REMARK,
                  "the condition %s is the parameter %s of the site: write it, or set that; until then it is an error",
                  name, decided->ident);
    if (!w->linear) fprintf(w->out, "if %s == none { %s }\n", decided->ident, way_error(w));
    return variable_used(w, decided);
}

/* Writes a branch: conditions in the order of the drawing, of which the first that holds is taken. A script that
 * belongs to a condition runs before the path of that condition. */
static void import_write_branch_block(struct flow_writer *w, struct flow_block *block)
{
    unsigned count = 0;
    FLOW_EACH(value, block->values, "conditions")
    {
        const struct flow_value *name = flow_find(value->parts, "name"), *asks = flow_find(value->parts, "expression");
        uint32_t to = name ? flow_exit_to(block, name->value) : FLOW_NOWHERE;
        if (!asks || !name) continue;
        if (w->linear) {
            import_remark(w, block, FLOW_LEFT,
                          "%s is not asked where it stands: a handler, or beside a wait, has one way", asks->value);
            continue;
        }
        if (++count > BLOCK_PARTS) {
            import_remark(w, block, FLOW_REMARK, "it has more than %d conditions", BLOCK_PARTS);
            break;
        }
        const char *condition = block_condition(w, block, name->value, asks->value);
        const struct flow_value *act = flow_find(value->parts, "postAction");
        bool any, ended = false;
        if (!act || !*act->value) {
            fprintf(w->out, "if %s { %s }\n", condition, way_to(w, to, true));
            continue;
        }
        fprintf(w->out, "if %s {\n", condition);
        w->script_to = to;
        if (!import_write_script(w, act->value, &any, &ended))
            import_remark(w, block, FLOW_REMARK, "what follows %s is not translated: %s", name->value, act->value);
        fprintf(w->out, "%s\n}\n", ended ? "" : way_to(w, to, true));
    }
    uint32_t other = flow_exit_to(block, "default");
    fprintf(w->out, "%s\n", way_to(w, other, false));
}

/* Writes a counting loop: the counter has its first value when the loop is entered, and grows with each round. The
 * source's manual does not say whether the last round is the one with the greatest value or the one before. */
static void looping_count(struct flow_writer *w, struct flow_block *block, const char *name)
{
    bool expression;
    const char *most = flow_text(w->arena, block->values, "counterMaxValue", &expression),
               *first = flow_text(w->arena, block->values, "counterInitialValue", &expression),
               *begun = block_ident(w, block, "begun");
    struct import_variable *counter = flow_variable_set(w, name), *rounds = flow_variable_named(w, begun, true);
    struct import_said begins = expression_text(w, *first ? first : "0"),
                       limit = expression_text(w, *most ? most : "0");
    variable_becomes(w, counter, SAID_INT);
    variable_becomes(w, rounds, SAID_BOOL);
    const char *from = begins.type == SAID_INT ? begins.text : NULL, *bound = said_as(w, limit, SAID_INT);
    import_remark(w, block, FLOW_REMARK, "not translated: whether its last round is the one of %s or the one before it",
                  most);
    if (!from || !bound || counter->type != SAID_INT || counter->lost) {
        variable_lose(w, counter);
        import_remark_line(w->out, "not translated: the counter ", name);
        return;
    }
    fprintf(w->out, "if %s { %s = %s + 1; } else { %s = %s; }\n%s = true;\n", variable_used(w, rounds), counter->ident,
            variable_used(w, counter), counter->ident, from, rounds->ident);
    fprintf(w->out, "if %s >= %s { %s = false; %s }\n", counter->ident, bound, rounds->ident,
            way_to(w, flow_exit_to(block, "Exit"), true));
}

static void import_write_looping_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *name = flow_text(w->arena, block->values, "counterVariable", &expression);
    const char *until = flow_text(w->arena, block->values, "exitExpression", &expression);
    if (*name) looping_count(w, block, name);
    if (*until) {
        const char *condition = block_condition(w, block, "exit", until);
        fprintf(w->out, "if %s { %s }\n", condition, way_to(w, flow_exit_to(block, "Exit"), true));
    }
    if (!*name && !*until) import_remark(w, block, FLOW_REMARK, "it says neither how often nor until when");
    fprintf(w->out, "%s\n", way_to(w, flow_exit_to(block, "Next"), false));
}

static void import_write_wait_block(struct flow_writer *w, struct flow_block *block)
{
    fprintf(w->out, "delay %s;\n", block_seconds(w, block->values, "timeout", "30s"));
    FLOW_EACH(value, block->values, "transitions")
    {
        const struct flow_value *event = flow_find(value->parts, "event");
        if (event)
            import_remark(w, block, FLOW_REMARK, "it also went on at the event %s: declare a signal, and wait for it",
                          event->value);
    }
    uint32_t to = flow_exit_to(block, "timeout");
    fprintf(w->out, "%s\n", way_to(w, to != FLOW_NOWHERE ? to : flow_exit_to(block, ""), false));
}

enum { PATHS_NAMED = 5 };

/* Writes paths that ran in parallel in the source, where they are not translated. Only the last path is written, and
 * the remark names the others. */
static void import_write_begin_parallel_block(struct flow_writer *w, struct flow_block *block)
{
    if (block->arranged) {
        if (*block->arranged) import_remark(w, block, FLOW_REMARK, "%s", block->arranged);
        block_on(w, block, "");
        return;
    }
    const struct flow_exit *taken = block->exit_count ? &block->exits[block->exit_count - 1] : NULL;
    const char *left = "";
    for (uint32_t at = 0; at + 1 < block->exit_count && at < PATHS_NAMED; at++)
        left = arena_printf(w->arena, "%s%s%s", left, *left ? ", " : "", block->exits[at].name);
    import_remark(w, block, FLOW_LEFT,
                  "of its paths only %s is written%s%s: write steps that ran side by side in parallel { }, and a sound "
                  "beside a wait in busy { }",
                  taken ? taken->name : "none", *left ? "; decide what becomes of " : "", left);
    fprintf(w->out, "%s\n", way_to(w, taken ? taken->to : FLOW_NOWHERE, false));
}

static void import_write_end_parallel_block(struct flow_writer *w, struct flow_block *block)
{
    block_on(w, block, "");
}

static void import_write_user_data_block(struct flow_writer *w, struct flow_block *block)
{
    FLOW_EACH(value, block->values, "assignData")
    {
        struct import_said said;
        bool expression;
        const char *key = flow_text(w->arena, value->parts, "Key", &expression);
        if (!*key) continue;
        if (!block_said(w, value->parts, "Value", &said)) said = said_literal(w, "");
        struct import_said name = expression ? expression_text(w, key) : said_literal(w, key);
        if (import_write_attach(w, said_key(w, name), said)) continue;
        w->guards = NULL;
        import_remark_line(w->out, "not translated: ", key);
        import_remark(w, block, FLOW_REMARK, "not translated: %s is not attached", key);
    }
    block_on(w, block, "");
}

/* Sets each named variable to the attached value of the same name. */
static void import_write_interaction_data_block(struct flow_writer *w, struct flow_block *block)
{
    FLOW_EACH(value, block->values, "values")
    {
        const struct flow_value *name = flow_find(value->parts, "name");
        if (!name || w->in == IN_BUSY) continue;
        if (*value->value && strcmp(value->value, name->value) != 0)
            import_remark(w, block, FLOW_REMARK, "not translated: %s of %s", name->value, value->value);
        const char *key = name_quoted(w->arena, name->value, true);
        struct import_said said = {
            .good = true, .type = SAID_VALUE, .text = arena_printf(w->arena, "user_data[%s]", key)};
        said = (struct import_said){.good = true,
                                    .type = SAID_STR,
                                    .text = said_as(w, said, SAID_STR),
                                    .maybe = true,
                                    .mixed = true,
                                    .cut = w->import->cuts};
        import_write_set(w, script_expression(w->arena, name->value), said);
    }
    block_on(w, block, "");
}

/* Sets the source's variable in which the block stores a result. */
void block_result(struct flow_writer *w, struct flow_block *block, const char *property, struct import_said said)
{
    bool expression;
    const char *name = flow_text(w->arena, block->values, property, &expression);
    if (!*name) return;
    if (!import_write_set(w, script_expression(w->arena, name), said))
        import_remark(w, block, FLOW_REMARK, "its result goes to %s, which nobody may set: name a variable", name);
}

/* ---- applications, subroutines ---- */

/* Returns the type of a variable of another flow. In the first round of writing it is not known yet. */
static enum said_type flow_type(const struct flow *flow, const char *name)
{
    const struct import_variable *variable = flow && flow->kept ? flow_names_find(flow->kept, name) : NULL;
    if (flow && !flow->kept) return SAID_UNKNOWN;
    return variable && variable->type != SAID_UNKNOWN ? variable->type : SAID_STR;
}

/* Values between flows are passed as texts; this turns such a text into a value of `type` again. */
struct import_said said_passed(struct flow_writer *w, const char *text, enum said_type type)
{
    struct import_said said = {.good = true, .type = SAID_STR, .text = text};
    if (type == SAID_BOOL) said.text = arena_printf(w->arena, "(%s == \"true\")", text);
    if (type == SAID_INT) said.text = said_as(w, said, SAID_INT);
    if (type == SAID_BOOL || type == SAID_INT || type == SAID_UNKNOWN) said.type = type;
    return said;
}

/* Sets the block's variables from the results in `found`. `played`: the flow that was called; NULL: it is not known. */
static void application_results(struct flow_writer *w, struct flow_block *block, const struct flow *played,
                                const char *found)
{
    for (const struct flow_value *value = block->values; value; value = value->next) {
        if (!flow_parameter(value, true) || w->in == IN_BUSY) continue;
        const struct flow_value *name = flow_find(value->parts, "name"), *to = flow_find(value->parts, "value");
        const char *key = name_quoted(w->arena, name->value, true);
        struct import_said answer = {
            .good = true, .type = SAID_VALUE, .text = arena_printf(w->arena, "%s[%s]", found, key)};
        const char *text =
            played ? arena_printf(w->arena, "(%s.get(%s) else \"\")", found, key) : said_as(w, answer, SAID_STR);
        struct import_said said = said_passed(w, text, flow_type(played, name->value));
        const struct import_variable *there =
            played && played->kept ? flow_names_find(played->kept, name->value) : NULL;
        said.maybe = there ? there->maybe : !played || played->kept;
        said.good = !(there && there->lost);
        said.cut = there && there->cut, said.mixed = there && there->mixed;
        if (played && !flow_find(played->gives, name->value)) {
            import_remark(w, block, FLOW_REMARK, "%s has no variable %s to be read", played->ident, name->value);
            continue;
        }
        if (!import_write_set(w, script_expression(w->arena, to->value), said))
            import_remark(w, block, FLOW_REMARK, "its result %s is read by nobody", name->value);
    }
}

/* Does an earlier parameter of the block have the same name? */
static bool given_before(const struct flow_block *block, const struct flow_value *value, const char *name)
{
    for (const struct flow_value *before = block->values; before != value; before = before->next)
        if (flow_parameter(before, false) && strcmp(flow_find(before->parts, "name")->value, name) == 0) return true;
    return false;
}

/* Returns the pairs that the block passes; to a known flow only those for which it has a variable, with that
 * variable's type. */
static const char *application_arguments(struct flow_writer *w, struct flow_block *block, struct flow *played)
{
    const char *map = "";
    unsigned count = 0;
    for (const struct flow_value *value = block->values; value; value = value->next) {
        if (!flow_parameter(value, false) || ++count > BLOCK_PARTS) continue;
        const struct flow_value *name = flow_find(value->parts, "name"), *from = flow_find(value->parts, "value");
        if (played && !flow_find(played->takes, name->value)) continue;
        if (given_before(block, value, name->value)) {
            import_remark(w, block, FLOW_REMARK, "its parameter %s stands twice: the first one is given", name->value);
            continue;
        }
        struct import_said said = expression_text(w, from->value);
        const char *text = said_as(w, said, SAID_STR);
        struct import_variable *there = played && played->kept ? flow_names_find(played->kept, name->value) : NULL;
        if (there) variable_may_be(w, there, said);
        if (there && !text) variable_lose(w, there);
        import_write_guards(w);
        if (there && text && !said_is_none(said))
            variable_becomes(w, there, said.type == SAID_BOOL || said.type == SAID_INT ? said.type : SAID_STR);
        if (text)
            map = arena_printf(w->arena, "%s%s%s: %s", map, *map ? ", " : "", name_quoted(w->arena, name->value, true),
                               text);
        else
            import_remark(w, block, FLOW_REMARK, "its parameter %s is not translated: %s", name->value, from->value);
    }
    return map;
}

/* Calls the subroutine that was made of the flow. */
static void write_played(struct flow_writer *w, struct flow_block *block, struct flow *played)
{
    const char *arguments = "", *found = block_ident(w, block, "found");
    if (played->takes) {
        arguments = application_arguments(w, block, played);
        arguments = arena_printf(w->arena, "[%s]", *arguments ? arguments : ":");
    }
    if (flow_returns(played))
        fprintf(w->out, "let %s = %s(%s) %s;\n", found, played->ident, arguments, block_else(w, block, true));
    else
        fprintf(w->out, "%s(%s) %s;\n", played->ident, arguments, block_else(w, block, false));
    if (played->hangs) {
        const char *ends = w->subroutine ? arena_printf(w->arena, "return %s;", found)
                                         : arena_printf(w->arena, "stop (%s[%s] else \"\");", found, FLOW_HANGS_UP);
        fprintf(w->out, "if %s in %s { %s }\n", FLOW_HANGS_UP, found, ends);
        w->ends = true;
        if (block->kind == FLOW_application && w->flow->sort == FLOW_WORKFLOW)
            import_remark(
                w, block, FLOW_REMARK,
                "what it plays may hang up, which ends the call here; a switch may have gone on with the flow");
    }
    application_results(w, block, played, found);
    flow_needs_module(w, played->ident);
    block_on(w, block, "");
}

static void import_write_application_block(struct flow_writer *w, struct flow_block *block)
{
    struct flow *played = import_called_flow(w->import, w->flow, block);
    const char *otherwise = block_else(w, block, false);
    /* a busy block has no subroutine calls: the flow's treatments are written here */
    if (played && played->called_by && w->in == IN_BUSY) {
        struct flow *flow = w->flow;
        w->flow = played;
        write_linear(w, played->entry, FLOW_NOWHERE, IN_BUSY);
        w->flow = flow;
        import_remark(w, block, FLOW_REMARK, "beside the wait stands what %s plays, without its choices",
                      played->ident);
        return;
    }
    if (played && played->called_by) {
        write_played(w, block, played);
        return;
    }
    struct import_said said;
    const char *name = NULL;
    if (block_said(w, block->values, "resource", &said)) name = said_as(w, said, SAID_STR);
    if (!name) name = name_quoted(w->arena, block->name, true);
    const char *arguments = application_arguments(w, block, NULL), *found = block_ident(w, block, "found");
    bool wants = false;
    for (const struct flow_value *value = block->values; value; value = value->next)
        wants = wants || flow_parameter(value, true);
    const char *given = *arguments ? arena_printf(w->arena, ", [%s]", arguments) : "";
    if (wants && w->in != IN_BUSY) {
        otherwise = block_else(w, block, true);
        if (w->linear) otherwise = "else [:]";
        fprintf(w->out, "let %s = ivr.application(%s%s) %s;\n", found, name, given, otherwise);
        application_results(w, block, NULL, found);
    } else {
        fprintf(w->out, "ivr.application(%s%s) %s;\n", name, given, otherwise);
    }
    import_remark(w, block, FLOW_REMARK, "the IVR must know the application %s; import its callflow to have it in gcx",
                  name);
    block_on(w, block, "");
}

static void import_write_subroutine_block(struct flow_writer *w, struct flow_block *block)
{
    struct flow *called = import_called_flow(w->import, w->flow, block);
    if (called && called->called_by) {
        write_played(w, block, called);
    } else if (called && !w->subroutine && !w->linear && called->sort == FLOW_WORKFLOW) {
        w->ends = true;
        fprintf(w->out, "switch to %s;\n", called->ident);
        flow_needs_module(w, called->ident);
        import_remark(w, block, FLOW_REMARK, "it routes, so it does not come back: what follows it belongs into it");
    } else {
        import_remark(w, block, FLOW_LEFT, "import the flow that it calls with this one, or write a subroutine");
        import_write_left_block(w, block);
    }
}

/* ---- ends, routing ---- */

/* Writes the return to the calling flow, with these pairs. */
static void write_return(struct flow_writer *w, const char *map)
{
    if (flow_returns(w->flow))
        fprintf(w->out, "return [%s];\n", *map ? map : ":");
    else
        fputs("return;\n", w->out);
    w->ends = true;
}

/* Ends a flow: a subroutine returns its results as a map of texts. A strategy routes to the target chosen before, or
 * to the default. */
static void import_write_exit_block(struct flow_writer *w, struct flow_block *block)
{
    const char *name = name_quoted(w->arena, block->name, true);
    if (w->linear) return;
    if (w->subroutine) {
        const char *map = "";
        for (const struct flow_value *gives = w->flow->gives; gives; gives = gives->next) {
            const char *text = said_as(w, expression_text(w, gives->name), SAID_STR);
            if (text)
                map = arena_printf(w->arena, "%s%s%s: %s", map, *map ? ", " : "",
                                   name_quoted(w->arena, gives->name, true), text);
        }
        write_return(w, map);
        return;
    }
    w->ends = w->chosen || w->forced || w->flow->sort == FLOW_CALLFLOW;
    if (w->chosen) fputs("if chosen != none { route chosen else {}; }\n", w->out);
    if (w->forced) fputs("if forced != none { route forced else {}; }\n", w->out);
    if (w->flow->sort == FLOW_CALLFLOW)
        fprintf(w->out, "stop %s;\n", name);
    else
        fprintf(w->out, "%s\n", way_default(w, block->name));
}

static void import_write_disconnect_block(struct flow_writer *w, struct flow_block *block)
{
    const char *name = name_quoted(w->arena, block->name, true);
    if (w->in == IN_BUSY || w->in == IN_ABANDONED) return;
    if (w->subroutine && !w->linear) { /* an end is no failure: the calling flow is told, and hangs up */
        write_return(w, arena_printf(w->arena, "%s: %s", FLOW_HANGS_UP, name));
        return;
    }
    w->ends = true;
    fprintf(w->out, "stop %s;\n", name);
}

static void import_write_default_route_block(struct flow_writer *w, struct flow_block *block)
{
    if (w->linear) return;
    if (w->subroutine)
        fprintf(w->out, "fail %s;\n", name_quoted(w->arena, block->name, true));
    else
        fprintf(w->out, "%s\n", way_default(w, block->name));
}

/* Writes a route, which does not return in gcx. If other blocks follow in the drawing, the number is stored in
 * `forced`, and the route is written at the end of the flow. */
static void write_dn_route(struct flow_writer *w, struct flow_block *block, const char *property)
{
    struct import_said said;
    const char *number = block_said(w, block->values, property, &said) ? said_as(w, said, SAID_STR) : NULL;
    uint32_t next = flow_exit_to(block, "");
    if (!number || w->subroutine || w->linear) {
        import_remark(w, block, FLOW_LEFT,
                      "only a strategy routes, and to a number that is known: return it, and route behind the call");
        block_on(w, block, "");
        return;
    }
    bool ends = next == FLOW_NOWHERE || w->flow->blocks[next].kind == FLOW_exit;
    if (!ends && w->flow->sort == FLOW_WORKFLOW) { /* a route does not return, so the blocks that follow run first */
        w->forced = true;
        fprintf(w->out, "forced = dn.named(%s);\n", number);
        import_remark(w, block, FLOW_REMARK, "what followed the routing runs before it");
        block_on(w, block, "");
        return;
    }
    w->ends = true;
    const char *to = block_ident(w, block, "dn"), *otherwise = block_else(w, block, false);
    fprintf(w->out, "let %s = dn.named(%s);\nif %s != none { route %s %s; }\n", to, number, to, to,
            *otherwise ? otherwise : "else {}");
    uint32_t failed = flow_failed(block);
    fprintf(w->out, "%s\n", way_to(w, failed != FLOW_NOWHERE ? failed : next, false));
}

static void import_write_force_route_block(struct flow_writer *w, struct flow_block *block)
{
    write_dn_route(w, block, "destination");
}

static void import_write_transfer_block(struct flow_writer *w, struct flow_block *block)
{
    write_dn_route(w, block, "destination");
}

static void import_write_route_queue_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *queue = flow_text(w->arena, block->values, "queue", &expression);
    if (!*queue || expression || w->subroutine || w->linear) {
        import_remark(w, block, FLOW_LEFT, "write the queue: route queue NAME");
        block_on(w, block, "");
        return;
    }
    w->ends = true;
    fprintf(w->out, "route queue %s %s;\n", site_declare(w->import, "queue", queue, ""), block_else(w, block, false));
}

static void import_write_route_chosen_block(struct flow_writer *w, struct flow_block *block)
{
    if (w->subroutine || w->linear) {
        import_write_left_block(w, block);
        return;
    }
    w->chosen = w->ends = true;
    const char *otherwise = block_else(w, block, false);
    fprintf(w->out, "if chosen != none { route chosen %s; }\n", *otherwise ? otherwise : "else {}");
    block_on(w, block, "");
}

/* ---- http ---- */

/* Can the URL stand in an endpoint as it is? Its host is judged as the compiler judges it. */
static bool url_is_plain(const char *url)
{
    struct http_request request = {.url = {url, (uint32_t)strlen(url)}};
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) return false;
    for (const char *c = url; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(":/.-_~", *c)) return false;
    return strlen(url) < 400 && !request_url(&request, 0);
}

/* Returns a name as it is written in the query of a URL. */
static const char *http_key(struct arena *arena, const char *name)
{
    const char *key = "";
    for (; *name; name++) {
        bool plain = isalnum((unsigned char)*name) || strchr("-._~", *name);
        key = arena_printf(arena, plain ? "%s%c" : "%s%%%02X", key, (unsigned char)*name);
    }
    return key;
}

/* The parameters of an endpoint, as texts for its declaration and for its call. */
struct http_asked {
    const char *params, *given, *query;
    unsigned count;
    bool sends;
};

/* Each parameter is an argument of the endpoint and, for a GET, a placeholder in its query:
 * ?id={id}&lang={lang}. */
static void http_parameters(struct flow_writer *w, struct flow_block *block, struct http_asked *asked)
{
    struct flow_names taken = {0};
    FLOW_EACH(value, block->values, "inputParameters")
    {
        const struct flow_value *name = flow_find(value->parts, "name"), *from = flow_find(value->parts, "value");
        if (!name || !from) continue;
        if (asked->count >= ENDPOINT_PARAMETERS) {
            import_remark(w, block, FLOW_REMARK, "its parameter %s is left out: an endpoint has %d", name->value,
                          ENDPOINT_PARAMETERS);
            continue;
        }
        const char *text = said_shown(w, expression_text(w, from->value)),
                   *param = name_fresh(w->arena, &taken, NULL, name->value), *comma = asked->count ? ", " : "";
        if (!text) {
            import_remark(w, block, FLOW_REMARK, "its parameter %s is not translated: %s", name->value, from->value);
            text = "\"\"";
        }
        asked->params = arena_printf(w->arena, "%s%s%s: str", asked->params, comma, param);
        asked->given = arena_printf(w->arena, "%s%s%s", asked->given, comma, text);
        asked->query = arena_printf(w->arena, "%s%c%s={%s}", asked->query, asked->count ? '&' : '?',
                                    http_key(w->arena, name->value), param);
        if (asked->sends && strcmp(param, name->value) != 0)
            import_remark(w, block, FLOW_REMARK, "its parameter %s is sent as %s", name->value, param);
        asked->count++;
    }
}

static void http_payload(struct flow_writer *w, struct flow_block *block, struct http_asked *asked)
{
    struct import_said payload;
    if (!asked->sends ||
        !(block_said(w, block->values, "jsonPayload", &payload) ||
          block_said(w, block->values, "jsonContent", &payload)) ||
        asked->count >= ENDPOINT_PARAMETERS)
        return;
    bool is_map = payload.type == SAID_MAP;
    const char *map = is_map ? payload.text : said_as(w, payload, SAID_STR), *comma = asked->count ? ", " : "";
    if (!map) {
        import_remark(w, block, FLOW_REMARK,
                      "its payload is not translated: name its members as parameters of the endpoint");
        return;
    }
    asked->params = arena_printf(w->arena, "%s%spayload: %s", asked->params, comma, is_map ? "map<str>" : "str");
    asked->given = arena_printf(w->arena, "%s%s%s", asked->given, comma, map);
    import_remark(w, block, FLOW_REMARK,
                  "the payload is sent as the member `payload`: name its members as parameters of the endpoint");
}

/* Declares the endpoint. `out`: the variable that gets the endpoint's answer; "": none. A URL that is computed
 * cannot be declared: a path with the block's name replaces it, and the report asks for the URL. */
static void http_declare(struct flow_writer *w, struct flow_block *block, const struct http_asked *asked,
                         const char *method, const char *out)
{
    bool expression;
    const char *uri = flow_text(w->arena, block->values, "uri", &expression);
    struct import_said literal = expression_text(w, uri);
    if (literal.good && literal.within) uri = literal.within;
    const char *where = url_is_plain(uri) ? uri : arena_printf(w->arena, "/%s", block->own);
    if (where != uri)
        import_remark(w, block, FLOW_REMARK, "the URL of endpoint %s is to be written: %s", block->own, uri);
    const char *limit = flow_text(w->arena, block->values, "timeout", &expression);
    long long seconds;
    bool limited = number_read(limit, strlen(limit), 999, &seconds) && seconds > 0;
    const char *by = !asked->sends ? "get" : strcasecmp(method, "put") == 0 ? "put" : "post";
    import_declare_whole(w->import, "endpoint", block->own,
                         arena_printf(w->arena, "endpoint %s(%s)%s = %s \"%s%s\" timeout %llds;", block->own,
                                      asked->params, *out ? ": value" : "", by, where, asked->sends ? "" : asked->query,
                                      limited ? seconds : 5));
}

/* An endpoint returns only good answers, so the source's status is 200 after a call; all other answers take the path
 * of failures. */
static void import_write_http_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *method = flow_text(w->arena, block->values, "requestMethod", &expression);
    struct http_asked asked = {"", "", "", 0, strcasecmp(method, "post") == 0 || strcasecmp(method, "put") == 0};
    if (*method && !asked.sends && strcasecmp(method, "get") != 0)
        import_remark(w, block, FLOW_REMARK, "an endpoint is asked by get, post or put, and not by %s", method);
    if (!block->own) block->own = name_fresh(w->arena, &w->import->endpoints, NULL, block->name);
    http_parameters(w, block, &asked);
    http_payload(w, block, &asked);
    const char *result = flow_find(block->values, "outputResult") ? "outputResult" : "result";
    const char *out = flow_text(w->arena, block->values, result, &expression);
    http_declare(w, block, &asked, method, out);
    if (!*out || w->linear) {
        fprintf(w->out, "http.%s(%s) %s;\n", block->own, asked.given, block_else(w, block, false));
    } else {
        const char *otherwise = block_else(w, block, true), *answer = block_ident(w, block, "answer");
        fprintf(w->out, "let %s = http.%s(%s) %s;\n", answer, block->own, asked.given, otherwise);
        block_result(w, block, result,
                     (struct import_said){.good = true, .type = SAID_VALUE, .text = answer, .odd = true});
    }
    if (*flow_text(w->arena, block->values, "statusCode", &expression) && !w->linear) {
        block_result(w, block, "statusCode", (struct import_said){.good = true, .type = SAID_INT, .text = "200"});
        import_remark(w, block, FLOW_REMARK, "the status of every good answer is 200; any other is the else of http.%s",
                      block->own);
    }
    bool header = false;
    FLOW_EACH(value, block->values, "customHTTPHeaders")
    header = true;
    if (header)
        import_remark(w, block, FLOW_REMARK,
                      "its headers belong into the configuration of the endpoint, gcxvm.conf(5)");
    block_on(w, block, "");
}

/* ---- e-mail ---- */

static void write_template(struct flow_writer *w, struct flow_block *block, const char *step)
{
    fprintf(w->out, "%s(template %s) %s;\n", step, site_declare(w->import, "template", block->name, ""),
            block_else(w, block, false));
    block_on(w, block, "");
}

static void import_write_acknowledge_block(struct flow_writer *w, struct flow_block *block)
{
    write_template(w, block, "email.acknowledge");
}

static void import_write_reply_block(struct flow_writer *w, struct flow_block *block)
{
    write_template(w, block, "email.reply");
}

/* ---- messages ---- */

/* Compares the texts without regard to the case of letters. */
static bool name_has(const char *name, const char *word)
{
    for (; *name; name++) {
        size_t at = 0;
        while (word[at] && tolower((unsigned char)name[at]) == word[at]) at++;
        if (!word[at]) return true;
    }
    return false;
}

/* Returns the text of the property whose name contains one of the words, as "messageText" contains `text`, trying
 * the words in their order; NULL: no name contains one, or the value is not translated. */
static const char *text_of_property(struct flow_writer *w, const struct flow_block *block, const char *const words[])
{
    for (; *words; words++)
        for (const struct flow_value *value = block->values; value; value = value->next) {
            struct import_said said;
            if (name_has(value->name, *words) && block_said(w, block->values, value->name, &said) && said.good)
                return said_as(w, said, SAID_STR);
        }
    return NULL;
}

static const char *const property_text[] = {"text", "message", "body", NULL},
                         *const property_subject[] = {"subject", NULL},
                         *const property_to[] = {"toaddress", "emailaddress", "destination", NULL};

/* Writes the step with its argument. Without the argument the block is not translated, and gets a remark. */
static void write_message(struct flow_writer *w, struct flow_block *block, const char *step, const char *given)
{
    if (!given) {
        import_remark(w, block, FLOW_LEFT, "write %s with what the block says elsewhere", step);
        import_write_left_block(w, block);
        return;
    }
    fprintf(w->out, "%s(%s) %s;\n", step, given, block_else(w, block, false));
    block_on(w, block, "");
}

static void import_write_sms_block(struct flow_writer *w, struct flow_block *block)
{
    write_message(w, block, "sms.send", text_of_property(w, block, property_text));
}

static void import_write_forward_block(struct flow_writer *w, struct flow_block *block)
{
    write_message(w, block, "email.forward", text_of_property(w, block, property_to));
}

/* Writes an e-mail; one without a text is a template of the contact store. */
static void import_write_mail_block(struct flow_writer *w, struct flow_block *block)
{
    const char *to = text_of_property(w, block, property_to), *subject = text_of_property(w, block, property_subject),
               *text = text_of_property(w, block, property_text), *given = NULL;
    if (to && text)
        given = arena_printf(w->arena, "%s, %s, %s", to, subject ? subject : "\"\"", text);
    else if (to)
        given = arena_printf(w->arena, "%s, template %s", to, site_declare(w->import, "template", block->name, ""));
    write_message(w, block, "email.send", given);
}

/* Writes a jump to a block of the same flow, by its name; a target in another document is not translated. */
static void import_write_go_to_block(struct flow_writer *w, struct flow_block *block)
{
    bool expression;
    const char *uri = flow_text(w->arena, block->values, "uri", &expression);
    for (uint32_t i = 0; i < w->flow->block_count && *uri == '#'; i++)
        if (strcmp(w->flow->blocks[i].name, uri + 1) == 0) {
            fprintf(w->out, "%s\n", way_to(w, i, false));
            return;
        }
    import_remark(w, block, FLOW_LEFT, "it goes to %s, which is not in this flow", *uri ? uri : "nowhere");
    import_write_left_block(w, block);
}

/* Writes nothing: the directory has the data of a block of an interaction process. */
static void import_write_workflow_block(struct flow_writer *w, struct flow_block *block)
{
    (void)w, (void)block;
}

typedef void block_write(struct flow_writer *, struct flow_block *);
static block_write *const block_writes[] = {
#define KIND(id, ends, becomes) import_write_##id##_block,
#include "compiler/import/kinds.def"
};

/* Writes a block; a block with a condition of its own is skipped where the condition is false. Properties that no
 * function has read are reported at the end, so that nothing of the source is lost silently. */
void import_write_block(struct flow_writer *w, struct flow_block *block)
{
    w->block = block;
    block->written = true;
    if (block->disabled) {
        block_on(w, block, "");
        return;
    }
    const struct flow_value *condition = flow_find(block->values, "condition");
    if (condition && *condition->value) {
        const char *asks = block_condition(w, block, "condition", condition->value);
        const char *past = way_to(w, flow_exit_to(block, ""), true);
        if (w->linear)
            import_remark(w, block, FLOW_REMARK, "it is passed unless %s: write that", condition->value);
        else
            fprintf(w->out, "if not (%s) { %s }\n", asks, past);
    }
    block_writes[block->kind](w, block);
    if (w->guards)
        import_remark(w, block, FLOW_REMARK, "not translated: there it fails where %s is nothing", w->guards->text);
    w->guards = NULL;
    const char *unread = block->kind == FLOW_left ? "" : flow_unread(w->arena, block);
    if (*unread) import_remark(w, block, FLOW_REMARK, "not translated: %s", unread);
}
