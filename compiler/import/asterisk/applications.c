/* compiler/import/asterisk/applications.c - Writes each application of the dialplan as statements of gcx.
 *
 *     Background(menu), WaitExten()     let key = ivr.menu(prompt menu, ["1": "1"]) else ...;
 *                                       if key == "1" { goto ... }
 *     GotoIf($["${X}" = "1"]?a:b)       if x == "1" { goto a }  goto b
 *     Gosub(sub,s,1(5))                 arg1 = "5"; goto the copy of sub,s,1
 *
 * An application whose arguments gcx cannot express becomes a remark that quotes it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/zone.h"
#include "compiler/import/asterisk/walk.h"

enum { APPLICATION_PARTS = 40, MENU_EXTENSIONS = 400, RECORD_SECONDS = 180, DIGITS_MOST = 64 };

typedef void application_write(struct walk *, struct flow_block *, const struct walk_node *, const char *arguments);

static uint32_t after(struct walk *w, struct flow_block *block, const struct walk_node *node)
{
    return walk_next(w, block, node);
}

/* Writes the step as a remark that quotes it; the flow continues with the next step. */
static void quoted(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *arguments,
                   const char *why)
{
    const char *name = node->application ? node->application : node->step->application;
    if (why) given_remark(block, FLOW_LEFT, "not translated: %s", why);
    import_remark_line(block->given->out, "not translated: ", arena_printf(w->arena, "%s(%s)", name, arguments));
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_left(struct walk *w, struct flow_block *block, const struct walk_node *node,
                             const char *arguments)
{
    quoted(w, block, node, arguments, NULL);
}

static void application_opaque(struct walk *w, struct flow_block *block, const struct walk_node *node,
                               const char *arguments)
{
    if (!w->opaque) w->opaque = w->changed = true;
    quoted(w, block, node, arguments, NULL);
}

static void application_nothing(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                const char *arguments)
{
    block->given->passes = true;
    import_remark_line(block->given->out, "", arguments);
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* ---- what is heard ---- */

/* Returns the prompt made of the recordings a&b; NULL: their names are computed. */
static const char *heard_prompt(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                const char *files, const char **why)
{
    struct walk_said said = walk_value(w, node, files);
    *why = said.good ? "the name of what it plays is computed" : said.why;
    if (!said.good || !said.constant) return NULL;
    const char *name = *said.plain ? said.plain : "silence";
    (void)block;
    return site_declare(w->import, "prompt", name, name);
}

static void application_answer(struct walk *w, struct flow_block *block, const struct walk_node *node,
                               const char *arguments)
{
    if (*arguments) given_remark(block, FLOW_REMARK, "not translated: Answer(%s) waits", arguments);
    given_say(block, "call.answer() else {};\n");
    block->given->first = "call.answer";
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_playback(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                 const char *arguments)
{
    const char *parts[APPLICATION_PARTS], *why;
    unsigned count = walk_parts(w->arena, arguments, ',', parts, APPLICATION_PARTS);
    const char *prompt = count > 0 ? heard_prompt(w, block, node, parts[0], &why) : NULL;
    if (!prompt) {
        quoted(w, block, node, arguments, count > 0 ? why : "it names nothing");
        return;
    }
    if (count > 1) given_remark(block, FLOW_REMARK, "not translated: the options %s", parts[1]);
    given_say(block, "ivr.play(prompt %s) else {};\n", prompt);
    block->given->first = arena_printf(w->arena, "ivr.play(prompt %s)", prompt);
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_music(struct walk *w, struct flow_block *block, const struct walk_node *node,
                              const char *arguments)
{
    const char *parts[APPLICATION_PARTS], *why = NULL;
    long long seconds = 0;
    unsigned count = walk_parts(w->arena, arguments, ',', parts, APPLICATION_PARTS);
    bool ends = count > 1 && walk_number(parts[1], 86400, &seconds) && seconds > 0;
    const char *music = count > 0 && *parts[0] ? parts[0] : "default",
               *prompt = ends ? heard_prompt(w, block, node, arena_printf(w->arena, "music %s", music), &why) : NULL;
    if (!prompt) {
        quoted(w, block, node, arguments, why ? why : "it plays without end");
        return;
    }
    given_say(block, "ivr.music(prompt %s, %llds) else {};\n", prompt, seconds);
    block->given->first = arena_printf(w->arena, "ivr.music(prompt %s, %llds)", prompt, seconds);
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_say(struct walk *w, struct flow_block *block, const struct walk_node *node,
                            const char *arguments)
{
    const char *parts[APPLICATION_PARTS];
    unsigned count = walk_parts(w->arena, arguments, ',', parts, APPLICATION_PARTS);
    struct walk_said said = walk_value(w, node, count > 0 ? parts[0] : "");
    if (!said.good) {
        quoted(w, block, node, arguments, said.why);
        return;
    }
    given_say(block, "ivr.say(%s) else {};\n", said.text);
    block->given->first = "ivr.say";
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_wait(struct walk *w, struct flow_block *block, const struct walk_node *node,
                             const char *arguments)
{
    char *end;
    double seconds = isdigit((unsigned char)*arguments) || *arguments == '.' ? strtod(arguments, &end) : -1;
    if (seconds < 0 || seconds > 86400 || *end) {
        quoted(w, block, node, arguments, "how long it waits is computed");
        return;
    }
    if (seconds * 1000 >= 1) given_say(block, "delay %lldms;\n", (long long)(seconds * 1000));
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_voicemail(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                  const char *arguments)
{
    const char *why, *prompt = heard_prompt(w, block, node, arena_printf(w->arena, "mailbox %s", arguments), &why);
    if (!prompt) {
        quoted(w, block, node, arguments, why);
        return;
    }
    const char *message = name_fresh(w->arena, &w->taken, &w->import->names, "message");
    given_say(block, "let %s = ivr.record(prompt %s, %ds) ", message, prompt, RECORD_SECONDS);
    walk_on(block, GIVEN_ELSE, "", after(w, block, node));
    given_say(block, ";\nlog.note(\"a message: {%s}\");\n", message);
    block->given->answers = arena_printf(w->arena, "ivr.record(prompt %s) -> fail not_applied;", prompt);
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_record(struct walk *w, struct flow_block *block, const struct walk_node *node,
                               const char *arguments)
{
    (void)arguments;
    given_say(block, "recording.start() else {};\n");
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

static void application_record_stop(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                    const char *arguments)
{
    (void)arguments;
    given_say(block, "recording.stop() else {};\n");
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* ---- menus ---- */

struct menu {
    struct walk *w;
    struct plan_extension *extensions[MENU_EXTENSIONS];
    unsigned count, most;
    bool several, open, odd; /* several: an extension has more than one character */
};

/* Adds an extension that a caller may dial to the menu. */
static void menu_note(void *closure, struct plan_extension *extension)
{
    struct menu *menu = closure;
    if (plan_special(extension->name) || !plan_priority(extension, 1)) return;
    unsigned most = (unsigned)strlen(extension->name);
    if (extension->pattern && !plan_expression(menu->w->arena, extension->name + 1, &most)) menu->odd = true;
    if (!extension->pattern && strspn(extension->name, "0123456789*#") < most) return;
    if (menu->count == MENU_EXTENSIONS) {
        menu->odd = true;
        return;
    }
    for (unsigned i = 0; i < menu->count; i++)
        if (strcmp(menu->extensions[i]->name, extension->name) == 0) return;
    menu->extensions[menu->count++] = extension;
    menu->several = menu->several || most != 1;
    menu->open = menu->open || most == 0;
    if (most > menu->most) menu->most = most;
}

/* Writes a test per extension, in the order of looking up, with the jump to where the extension leads. */
static void menu_dispatch(struct walk *w, struct flow_block *block, const struct menu *menu, const char *key,
                          struct walk_frame *frame)
{
    for (unsigned i = 0; i < menu->count; i++) {
        struct plan_extension *extension = menu->extensions[i];
        unsigned most;
        if (extension->pattern)
            given_say(block, "segment %s { match \"%s\" -> { ", key,
                      plan_expression(w->arena, extension->name + 1, &most));
        else
            given_say(block, "if %s == %s { ", key, name_quoted(w->arena, extension->name, true));
        walk_enter(w, block, extension, key, frame);
        given_say(block, extension->pattern ? " } }\n" : " }\n");
    }
}

/* Writes the jump for a caller who presses a key that leads nowhere. */
static void menu_invalid(struct walk *w, struct flow_block *block, const struct walk_node *node)
{
    struct plan_extension *extension = plan_find(w->plan, node->step->of->in, "i");
    if (extension)
        walk_enter(w, block, extension, NULL, node->frame);
    else
        walk_on(block, GIVEN_WAY, "i", FLOW_NOWHERE);
}

/* Writes the jump for a caller who presses nothing: to the step after the menu, or if there is none, to the extension
 * t. */
static void menu_silent(struct walk *w, struct flow_block *block, const struct walk_node *node, uint32_t next)
{
    struct plan_extension *extension = plan_find(w->plan, node->step->of->in, "t");
    if (next == FLOW_NOWHERE && extension)
        walk_enter(w, block, extension, NULL, node->frame);
    else
        walk_on(block, GIVEN_WAY, "t", next);
}

static void menu_write(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *prompt,
                       uint32_t next)
{
    static const char keys[] = "0123456789*#";
    struct menu *menu = ARENA_NEW(w->arena, struct menu);
    menu->w = w;
    plan_each(w->plan, node->step->of->in, menu_note, menu);
    const char *key = name_fresh(w->arena, &w->taken, &w->import->names, "key"), *pairs = "";
    if (menu->odd) given_remark(block, FLOW_REMARK, "not translated: a pattern that gcx does not have");
    if (menu->count == 0) {
        given_remark(block, FLOW_REMARK, "no key leads anywhere: the prompt is played");
        given_say(block, "ivr.play(prompt %s) else {};\n", prompt);
        block->given->first = arena_printf(w->arena, "ivr.play(prompt %s)", prompt);
        menu_silent(w, block, node, next);
        given_say(block, "\n");
        return;
    }
    /* The map has all keys, and tests after the step find where each key leads: so the step fails only by silence. */
    if (!menu->several) {
        for (const char *c = keys; *c; c++)
            pairs = arena_printf(w->arena, "%s%s\"%c\": \"%c\"", pairs, *pairs ? ", " : "", *c, *c);
        given_say(block, "let %s = ivr.menu(prompt %s, [%s]) else \"\";\n", key, prompt, pairs);
    } else {
        if (menu->most == 0 || menu->open) menu->most = DIGITS_MOST;
        given_remark(block, FLOW_REMARK, "more digits are waited for behind a number that is complete");
        given_say(block, "let %s = ivr.digits(prompt %s, max: %u, gap: 5s) else \"\";\n", key, prompt, menu->most);
    }
    block->given->first =
        arena_printf(w->arena, menu->several ? "ivr.digits(prompt %s)" : "ivr.menu(prompt %s)", prompt);
    block->given->answers = arena_printf(w->arena, "%s -> fail no_input;", block->given->first);
    given_say(block, "if %s == \"\" { ", key);
    menu_silent(w, block, node, next);
    given_say(block, " }\n");
    menu_dispatch(w, block, menu, key, node->frame);
    menu_invalid(w, block, node);
    given_say(block, "\n");
}

static bool step_is(const struct plan_step *step, const char *application)
{
    return step && strcasecmp(step->application, application) == 0;
}

static void application_background(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                   const char *arguments)
{
    const char *parts[APPLICATION_PARTS], *why = "", *files = "";
    struct plan_step *step = node->step, *last = NULL;
    if (!node->application) {
        for (last = step; step_is(last, "Background"); last = plan_priority(last->of, last->priority + 1)) {
            unsigned count = walk_parts(w->arena, last->arguments, ',', parts, APPLICATION_PARTS);
            if (count > 1) given_remark(block, FLOW_REMARK, "not translated: the options of Background, %s", parts[1]);
            if (count > 3) given_remark(block, FLOW_REMARK, "not translated: the context %s of its keys", parts[3]);
            if (count > 0) files = arena_printf(w->arena, "%s%s%s", files, *files ? "&" : "", parts[0]);
        }
        if (!step_is(last, "WaitExten")) last = NULL;
    }
    if (!last) files = arguments;
    const char *prompt = heard_prompt(w, block, node, files, &why);
    if (!prompt) {
        quoted(w, block, node, arguments, why);
        return;
    }
    if (!last) {
        given_remark(block, FLOW_REMARK, "keys are not heard here: no WaitExten stands behind it");
        given_say(block, "ivr.play(prompt %s) else {};\n", prompt);
        block->given->first = arena_printf(w->arena, "ivr.play(prompt %s)", prompt);
        walk_on(block, GIVEN_FALL, "", after(w, block, node));
        return;
    }
    if (*last->arguments)
        given_remark(block, FLOW_REMARK,
                     "not translated: WaitExten(%s), the time for a key after the prompt, is the switch's",
                     last->arguments);
    for (struct plan_step *of = step; of != last; of = plan_priority(of->of, of->priority + 1)) of->reached = true;
    last->reached = true;
    struct plan_step *behind = plan_priority(last->of, last->priority + 1);
    menu_write(w, block, node, prompt, behind ? walk_block(w, behind, node->frame) : FLOW_NOWHERE);
}

static void application_wait_exten(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                   const char *arguments)
{
    const char *why, *prompt = heard_prompt(w, block, node, "silence", &why);
    if (*arguments)
        given_remark(block, FLOW_REMARK, "not translated: WaitExten(%s), the time for a key, is the switch's",
                     arguments);
    bool behind = plan_priority(node->step->of, node->step->priority + 1) || !(node->frame && node->frame->macro);
    menu_write(w, block, node, prompt, behind ? after(w, block, node) : FLOW_NOWHERE);
}

static void application_read(struct walk *w, struct flow_block *block, const struct walk_node *node,
                             const char *arguments)
{
    const char *parts[6] = {"", "", "", "", "", ""}, *why;
    long long most = 0, tries = 1;
    walk_parts(w->arena, arguments, ',', parts, 6);
    for (unsigned i = 0; i < 6; i++)
        if (!parts[i]) parts[i] = "";
    const char *prompt = heard_prompt(w, block, node, parts[1], &why),
               *key = name_fresh(w->arena, &w->taken, &w->import->names, "digits"), *max = "";
    bool good = prompt && *parts[0] && !strpbrk(parts[0], "${}()");
    if (!good || (*parts[2] && !walk_number(parts[2], 255, &most)) ||
        (*parts[4] && (!walk_number(parts[4], 20, &tries) || tries == 0))) {
        if (*parts[0]) walk_set(w, block, parts[0], (struct walk_said){.good = false});
        quoted(w, block, node, arguments, prompt ? "its arguments are computed" : why);
        return;
    }
    if (*parts[3]) given_remark(block, FLOW_REMARK, "not translated: the options %s", parts[3]);
    if (*parts[5]) given_remark(block, FLOW_REMARK, "not translated: %s s for a key, after the prompt", parts[5]);
    if (most > 0) max = arena_printf(w->arena, ", max: %lld", most);
    given_say(block, "let %s = ivr.digits(prompt %s%s, end: \"#\", gap: 5s) tries %lld else \"\";\n", key, prompt, max,
              tries);
    block->given->answers = arena_printf(w->arena, "ivr.digits(prompt %s) -> fail no_input;", prompt);
    block->given->first = arena_printf(w->arena, "ivr.digits(prompt %s)", prompt);
    walk_set(w, block, parts[0], (struct walk_said){.good = true, .bare = most == 1, .whole = most == 1, .text = key});
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* ---- jumps ---- */

/* Writes the jump to a label, as a statement in braces or as the block's last statement. */
static void jump_write(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *label,
                       bool last)
{
    struct plan_step *step;
    const char *enters, *why;
    if (!walk_label(w, node, label, &step, &enters, &why)) {
        given_remark(block, FLOW_LEFT, "not translated: it goes to %s: %s", label, why);
        given_say(block, "fail \"no such label\";");
    } else if (enters && step->of->pattern) {
        given_say(block, "exten = %s; ", enters);
        w->patterns = true;
        walk_on(block, GIVEN_WAY, label, walk_block(w, step, node->frame));
    } else if (last) {
        walk_on(block, GIVEN_FALL, label, walk_block(w, step, node->frame));
    } else {
        walk_on(block, GIVEN_WAY, label, walk_block(w, step, node->frame));
    }
    if (last) given_say(block, "\n");
}

static void application_go_to(struct walk *w, struct flow_block *block, const struct walk_node *node,
                              const char *arguments)
{
    block->given->passes = true;
    jump_write(w, block, node, arguments, true);
}

/* Writes the condition as an `if` up to its brace. A condition that is not translated becomes a parameter of the
 * site. */
static void condition_write(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *text,
                            const char *condition, const char *why)
{
    if (!condition) {
        condition =
            import_declare_decision(w->import, arena_printf(w->arena, "%s_%s", w->flow->name, block->name), text);
        import_remark_line(block->given->out, "not translated: ", text);
        given_remark(block, FLOW_REMARK,
                     "not translated: %s: the condition is the parameter %s of the site: write it, or set that; until "
                     "then it is an error",
                     why, condition);
        given_say(block, "if %s == none { fail %s; }\n", condition, name_quoted(w->arena, block->name, true));
    }
    (void)node;
    given_say(block, "if %s { ", condition);
}

/* Divides CONDITION?FIRST:SECOND; false: the text does not have that form. */
static bool branch_divide(struct walk *w, const char *arguments, const char **condition, const char *ways[2])
{
    const char *halves[3], *parts[3];
    ways[0] = ways[1] = "";
    if (walk_parts(w->arena, arguments, '?', halves, 3) != 2) return false;
    *condition = halves[0];
    unsigned count = walk_parts(w->arena, halves[1], ':', parts, 3);
    if (count > 2) return false;
    for (unsigned i = 0; i < count; i++) ways[i] = parts[i];
    return true;
}

typedef void write_label(struct walk *, struct flow_block *, const struct walk_node *, const char *label, bool last);

/* Writes both ways after a condition by `write`: to the label for true and to the label for false. Where a label is
 * missing, the call continues after the step. */
static void branch_write(struct walk *w, struct flow_block *block, const struct walk_node *node,
                         const char *const ways[2], write_label *write)
{
    if (*ways[0])
        write(w, block, node, ways[0], false);
    else
        walk_on(block, GIVEN_WAY, "", after(w, block, node));
    given_say(block, " }\n");
    if (*ways[1])
        write(w, block, node, ways[1], true);
    else
        walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* Writes a step that jumps to one of two labels by a condition. */
static void branch_application(struct walk *w, struct flow_block *block, const struct walk_node *node,
                               const char *arguments, write_label *write)
{
    const char *condition, *ways[2], *why;
    if (!branch_divide(w, arguments, &condition, ways)) {
        quoted(w, block, node, arguments, "it has no condition and label");
        return;
    }
    const char *said = walk_condition(w, node, condition, &why);
    condition_write(w, block, node, condition, said, why);
    branch_write(w, block, node, ways, write);
}

static void application_go_to_if(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                 const char *arguments)
{
    branch_application(w, block, node, arguments, jump_write);
}

/* ---- times ---- */

static bool time_read(const char *text, unsigned *minutes)
{
    unsigned hour = 0, minute = 0;
    char rest;
    if (strlen(text) > 5 || sscanf(text, "%2u:%2u%c", &hour, &minute, &rest) != 2 || hour > 23 || minute > 59)
        return false;
    *minutes = hour * 60 + minute;
    return true;
}

/* Returns the condition of hh:mm-hh:mm, whose last minute belongs to it; "": always; NULL: another form. */
static const char *time_hours(struct walk *w, const char *text, const char *moment)
{
    const char *ends[2];
    unsigned from, to;
    if (strcmp(text, "*") == 0) return "";
    if (walk_parts(w->arena, text, '-', ends, 2) != 2 || strchr(text, '&')) return NULL;
    if (!time_read(ends[0], &from) || !time_read(ends[1], &to)) return NULL;
    to = (to + 1) % (24 * 60);
    if (from == to) return "";
    return arena_printf(w->arena, "%s.time in %02u:%02u..%02u:%02u", moment, from / 60, from % 60, to / 60, to % 60);
}

static int name_place(const char *const names[], int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0) return i;
    return -1;
}

/* Returns the condition of a-b&c over names or numbers; "": always; NULL: another form. */
static const char *time_names(struct walk *w, const char *text, const char *const names[], int count, const char *of)
{
    const char *parts[12], *ends[3], *said = "";
    if (strcmp(text, "*") == 0 || !*text) return "";
    unsigned part_count = walk_parts(w->arena, text, '&', parts, 12);
    for (unsigned i = 0; i < part_count; i++) {
        unsigned end_count = walk_parts(w->arena, parts[i], '-', ends, 3);
        long long numbers[2];
        if (end_count == 0 || end_count > 2) return NULL;
        for (unsigned j = 0; j < end_count; j++) {
            numbers[j] = names ? name_place(names, count, ends[j]) + 1 : 0;
            if (!names && !walk_number(ends[j], count, &numbers[j])) return NULL;
            if (numbers[j] == 0) return NULL;
        }
        if (end_count == 1) numbers[1] = numbers[0];
        const char *one = numbers[0] <= numbers[1]
                              ? arena_printf(w->arena, "%s in %lld..%lld", of, numbers[0], numbers[1])
                              : arena_printf(w->arena, "%s >= %lld or %s <= %lld", of, numbers[0], of, numbers[1]);
        said = arena_printf(w->arena, "%s%s(%s)", said, *said ? " or " : "", one);
    }
    return *said ? arena_printf(w->arena, "(%s)", said) : NULL;
}

/* Returns the first of these conditions that is not empty; "": all are empty, which means every day. */
static const char *all_days(const char *const all[])
{
    for (size_t i = 1; i < 4; i++)
        if (all[i] && *all[i]) return all[i];
    return "";
}

static void application_go_to_if_time(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                      const char *arguments)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec"};
    const char *condition, *ways[2], *parts[6] = {"*", "*", "*", "*", "", ""};
    if (!branch_divide(w, arguments, &condition, ways)) {
        quoted(w, block, node, arguments, "it has no times and label");
        return;
    }
    unsigned count = walk_parts(w->arena, condition, ',', parts, 6);
    bool zoned = count > 4 && *parts[4];
    const char *all[] = {time_hours(w, parts[0], zoned ? arena_printf(w->arena, "now.in(\"%s\")", parts[4]) : "now"),
                         time_names(w, parts[1], days, 7, "asterisk_weekday(now)"),
                         time_names(w, parts[2], NULL, 31, "asterisk_day(now)"),
                         time_names(w, parts[3], months, 12, "asterisk_month(now)")};
    const char *said = "";
    for (size_t i = 0; said && i < sizeof all / sizeof *all; i++) {
        if (i > 0 && all[i] && *all[i]) w->likeness = true;
        said = !all[i] ? NULL : !*all[i] ? said : arena_printf(w->arena, "%s%s%s", said, *said ? " and " : "", all[i]);
    }
    if (zoned && (!zone_exists(parts[4]) || *all_days(all))) said = NULL;
    if (said && !*said) said = "true";
    condition_write(w, block, node, condition, said, "times of this form, or of a zone of their own");
    branch_write(w, block, node, ways, jump_write);
}

/* ---- parts of the plan that are called ---- */

/* Writes the jump into the copy of a subroutine; `label` with its arguments in brackets. */
static void call_write(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *label,
                       const char *const arguments[], unsigned count, bool macro, bool last)
{
    struct plan_step *step;
    const char *enters, *why = "";
    struct walk_frame *frame = ARENA_NEW(w->arena, struct walk_frame);
    frame->outer = node->frame;
    frame->depth = node->frame ? node->frame->depth + 1 : 1;
    frame->back = node->step, frame->arguments = count, frame->macro = macro;
    bool again = frame->depth > WALK_FRAMES, number = node->step->of->pattern;
    for (struct walk_frame *at = node->frame; at; at = at->outer) {
        again = again || at->back == node->step;
        number = number || at->back->of->pattern;
    }
    if (again || !walk_label(w, node, label, &step, &enters, &why)) {
        given_remark(block, FLOW_LEFT, "not translated: it calls %s: %s", label,
                     again ? "it calls itself, or more than eight others" : why);
        given_say(block, "fail \"no such subroutine\";\n");
        return;
    }
    if (number && step->of->pattern && enters) {
        given_remark(block, FLOW_LEFT, "not translated: it calls %s: behind it ${EXTEN} is the caller's again", label);
        given_say(block, "fail \"no such subroutine\";\n");
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        struct walk_said said = walk_value(w, node, arguments[i]);
        if (said.good && said.constant)
            frame->literals[i] = said.plain;
        else
            walk_set(w, block, arena_printf(w->arena, "ARG%u of %u", i + 1, frame->depth), said);
    }
    if (step->of->pattern && enters) {
        given_say(block, "exten = %s; ", enters);
        w->patterns = true;
    }
    if (last)
        walk_on(block, GIVEN_FALL, label, walk_block(w, step, frame));
    else
        walk_on(block, GIVEN_WAY, label, walk_block(w, step, frame));
}

static void gosub_write(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *text,
                        bool last)
{
    const char *arguments[WALK_ARGUMENTS], *open = strchr(text, '(');
    char *label = arena_copy(w->arena, text, open ? (size_t)(open - text) : strlen(text));
    unsigned count = 0;
    if (open) {
        size_t length = strlen(open + 1);
        if (length > 0 && open[length] == ')') length--;
        count = walk_parts(w->arena, arena_copy(w->arena, open + 1, length), ',', arguments, WALK_ARGUMENTS);
    }
    call_write(w, block, node, label, arguments, count, false, last);
}

static void application_gosub(struct walk *w, struct flow_block *block, const struct walk_node *node,
                              const char *arguments)
{
    gosub_write(w, block, node, arguments, true);
}

static void application_gosub_if(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                 const char *arguments)
{
    branch_application(w, block, node, arguments, gosub_write);
}

static void application_macro(struct walk *w, struct flow_block *block, const struct walk_node *node,
                              const char *arguments)
{
    const char *parts[WALK_ARGUMENTS];
    unsigned count = walk_parts(w->arena, arguments, ',', parts, WALK_ARGUMENTS);
    if (count == 0) {
        quoted(w, block, node, arguments, "it names no macro");
        return;
    }
    call_write(w, block, node, arena_printf(w->arena, "macro-%s,s,1", parts[0]), parts + 1, count - 1, true, true);
}

static void application_give_back(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                  const char *arguments)
{
    if (!node->frame) {
        given_remark(block, FLOW_REMARK, "nothing has called it: the call ends");
        walk_on(block, GIVEN_FALL, "", FLOW_NOWHERE);
        return;
    }
    if (*arguments) walk_set(w, block, "GOSUB_RETVAL", walk_value(w, node, arguments));
    walk_on(block, GIVEN_FALL, "", walk_back(w, node));
}

static void application_exec_if(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                const char *arguments)
{
    const char *condition, *ways[2], *why;
    if (!branch_divide(w, arguments, &condition, ways) || node->application) {
        quoted(w, block, node, arguments, "it has no condition and application");
        return;
    }
    const char *said = walk_condition(w, node, condition, &why);
    uint32_t next = after(w, block, node), to[2];
    for (unsigned i = 0; i < 2; i++) {
        const char *open = strchr(ways[i], '(');
        size_t name = open ? (size_t)(open - ways[i]) : strlen(ways[i]), length = open ? strlen(open + 1) : 0;
        if (length > 0 && open[length] == ')') length--;
        to[i] = *ways[i] ? walk_instead(w, node, arena_copy(w->arena, ways[i], name),
                                        open ? arena_copy(w->arena, open + 1, length) : "", next)
                         : next;
    }
    condition_write(w, block, node, condition, said, why);
    walk_on(block, GIVEN_WAY, "true", to[0]);
    given_say(block, " }\n");
    walk_on(block, GIVEN_FALL, "false", to[1]);
}

/* ---- variables ---- */

/* Notes that a function such as CALLERID(num) or GLOBAL(X) is set to a value that is not translated: steps that read it
 * are quoted. */
static void set_unknown(struct walk *w, struct flow_block *block, const char *name)
{
    static const char *const of_variables[] = {"GLOBAL", "LOCAL", "ARRAY", "SHARED"};
    const char *open = strchr(name, '('), *names[WALK_ARGUMENTS];
    if (!open) return;
    const char *function = arena_copy(w->arena, name, (size_t)(open - name));
    const char *inner = arena_copy(w->arena, open + 1, strcspn(open + 1, ")"));
    walk_set(w, block, function, (struct walk_said){.good = false});
    for (size_t i = 0; i < sizeof of_variables / sizeof *of_variables; i++) {
        if (strcmp(function, of_variables[i]) != 0) continue;
        unsigned count = walk_parts(w->arena, inner, ',', names, WALK_ARGUMENTS);
        for (unsigned j = 0; j < count; j++)
            if (*names[j]) walk_set(w, block, names[j], (struct walk_said){.good = false});
    }
}

/* Writes one NAME=VALUE as an assignment; false: the step is quoted. */
static bool set_one(struct walk *w, struct flow_block *block, const struct walk_node *node, const char *pair)
{
    const char *equals = strchr(pair, '='), *name;
    long long number;
    if (!equals) {
        given_remark(block, FLOW_LEFT, "not translated: it has no value");
        return false;
    }
    name = arena_copy(w->arena, pair, strcspn(pair, "= \t"));
    name += strspn(name, "_");
    struct walk_said said = walk_value(w, node, equals + 1);
    if (strpbrk(name, "${}")) {
        if (!w->opaque) w->opaque = w->changed = true;
        given_remark(block, FLOW_LEFT, "not translated: what it sets is computed");
        return false;
    }
    if (strcmp(name, "QUEUE_PRIO") == 0) {
        if (!said.good || !said.constant || !walk_number(said.plain, 1000000, &number)) {
            given_remark(block, FLOW_LEFT, "not translated: the priority is computed");
            return false;
        }
        given_say(block, "priority = %lld;\n", number);
        return true;
    }
    if (strncmp(name, "ARG", 3) == 0 && node->frame) {
        given_remark(block, FLOW_LEFT, "not translated: it changes an argument");
        if (!w->opaque) w->opaque = w->changed = true;
        return false;
    }
    if (strcmp(name, "CHANNEL(language)") == 0 && said.good && said.constant) {
        given_say(block, "locale = %s;\n", said.text);
        given_remark(block, FLOW_REMARK, "the language is the locale of the prompts here");
        return true;
    }
    if (strncmp(name, "QUEUE_M", 7) == 0 || strchr(name, '(') || !*name) {
        set_unknown(w, block, name);
        given_remark(block, FLOW_LEFT, "not translated: it sets %s", *name ? name : "nothing");
        return false;
    }
    walk_set(w, block, name, said);
    if (said.good) return true;
    given_remark(block, FLOW_LEFT, "not translated: %s", said.why);
    return false;
}

static void application_set(struct walk *w, struct flow_block *block, const struct walk_node *node,
                            const char *arguments)
{
    block->given->passes = true;
    if (!set_one(w, block, node, arguments)) {
        quoted(w, block, node, arguments, NULL);
        return;
    }
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* Returns the NAME=VALUE of an MSet without quotes, since MSet removes them and Set does not; NULL: it is not certain
 * which quotes MSet would keep. */
static const char *set_unquoted(struct walk *w, const char *pair)
{
    if (strchr(pair, '\\') || (strchr(pair, '"') && strstr(pair, "$["))) return NULL;
    char *bare = arena_copy(w->arena, pair, strlen(pair)), *to = bare;
    for (const char *at = pair; *at; at++)
        if (*at != '"') *to++ = *at;
    *to = '\0';
    return bare;
}

static void application_set_several(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                    const char *arguments)
{
    const char *parts[APPLICATION_PARTS];
    unsigned count = walk_parts(w->arena, arguments, ',', parts, APPLICATION_PARTS);
    bool good = true;
    block->given->passes = true;
    for (unsigned i = 0; i < count; i++) {
        const char *pair = set_unquoted(w, parts[i]);
        if (!pair) {
            if (!w->opaque) w->opaque = w->changed = true;
            given_remark(block, FLOW_LEFT, "not translated: quotes beside an expression, or a backslash");
        }
        good = pair && set_one(w, block, node, pair) && good;
    }
    if (!good) {
        quoted(w, block, node, arguments, NULL);
        return;
    }
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* ---- ends ---- */

static void application_hangup(struct walk *w, struct flow_block *block, const struct walk_node *node,
                               const char *arguments)
{
    (void)w, (void)node;
    if (*arguments) given_remark(block, FLOW_REMARK, "not translated: the cause %s", arguments);
    given_say(block, "stop \"Hangup\";\n");
    block->given->first = "stopped";
    block->given->ends = true;
}

static void application_tell_busy(struct walk *w, struct flow_block *block, const struct walk_node *node,
                                  const char *arguments)
{
    (void)w, (void)arguments;
    given_say(block, "stop %s;\n",
              name_quoted(w->arena, node->application ? node->application : node->step->application, true));
    block->given->first = "stopped";
    block->given->ends = true;
}

static void application_queue(struct walk *w, struct flow_block *block, const struct walk_node *node,
                              const char *arguments)
{
    (void)arguments;
    queues_write(w, block, node, after(w, block, node));
}

/* Returns the number of a device PJSIP/100; NULL: the text names several devices, a trunk or a channel of the
 * dialplan. */
static const char *dial_number(struct walk *w, const char *device)
{
    static const char *const kinds[] = {"SIP/", "PJSIP/", "IAX2/", "DAHDI/", "SCCP/"};
    if (strpbrk(device, "&@")) return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i]);
        if (strncasecmp(device, kinds[i], length) != 0) continue;
        const char *number = device + length;
        return *number && !strchr(number, '/') && strlen(number) < PLAN_EXTENSION_BYTES
                   ? arena_copy(w->arena, number, strlen(number))
                   : NULL;
    }
    return NULL;
}

static void application_dial(struct walk *w, struct flow_block *block, const struct walk_node *node,
                             const char *arguments)
{
    const char *parts[APPLICATION_PARTS], *number = NULL;
    long long seconds = 60;
    unsigned count = walk_parts(w->arena, arguments, ',', parts, APPLICATION_PARTS);
    struct walk_said said = walk_value(w, node, count > 0 ? parts[0] : "");
    struct walk_said unknown = {.good = true, .bare = true, .text = "status"};
    if (said.good && said.constant) number = dial_number(w, said.plain);
    if (number && !node->step->of->pattern && strcmp(number, node->step->of->name) == 0) {
        import_directory_dn(w->import, number, "extension");
        walk_set(w, block, "DIALSTATUS", (struct walk_said){.good = false});
        quoted(w, block, node, arguments,
               "it rings the telephone of this very number, as the switch does without a strategy");
        return;
    }
    if (!number) {
        walk_set(w, block, "DIALSTATUS", (struct walk_said){.good = false});
        quoted(w, block, node, arguments,
               "it calls several telephones, a trunk, or what is computed: route dn.outside(...)");
        return;
    }
    if (count < 2 || !walk_number(parts[1], 600, &seconds) || seconds == 0) {
        seconds = 60;
        given_remark(block, FLOW_REMARK, "it rings without end there, and for a minute here");
    }
    if (count > 2 && *parts[2]) given_remark(block, FLOW_REMARK, "not translated: the options %s", parts[2]);
    import_directory_dn(w->import, number, "extension");
    const char *status = name_fresh(w->arena, &w->taken, &w->import->names, "status"),
               *line = name_fresh(w->arena, &w->taken, &w->import->names, "line");
    given_say(block, "let %s = \"CHANUNAVAIL\";\nlet %s = dn.named(%s);\n", status, line,
              name_quoted(w->arena, number, true));
    given_say(block,
              "if %s != none { route %s answer %llds else e { segment e.reason { busy, rejected -> { %s = \"BUSY\"; } "
              "no_answer, timeout -> { %s = \"NOANSWER\"; } else -> {} } }; }\n",
              line, line, seconds, status, status);
    unknown.text = status;
    walk_set(w, block, "DIALSTATUS", unknown);
    block->given->ends = true;
    walk_on(block, GIVEN_FALL, "", after(w, block, node));
}

/* ---- the table ---- */

static const struct {
    const char *name;
    application_write *write;
    enum flow_grade grade;
    const char *remark;
} applications[] = {
#define APPLICATION(name, function, grade, becomes, remark) {name, application_##function, FLOW_##grade, remark},
#include "compiler/import/asterisk/applications.def"
};

void walk_write(struct walk *w, struct flow_block *block, const struct walk_node *node)
{
    const char *name = node->application ? node->application : node->step->application,
               *arguments = node->arguments ? node->arguments : node->step->arguments;
    size_t which = 0, count = sizeof applications / sizeof *applications;
    while (which < count && strcasecmp(applications[which].name, name) != 0) which++;
    given_new(w->arena, block, which < count ? applications[which].grade : FLOW_LEFT,
              which < count ? applications[which].remark : "the importer does not know this application");
    if (which < count)
        applications[which].write(w, block, node, arguments);
    else
        application_opaque(w, block, node, arguments);
    given_close(block);
}
