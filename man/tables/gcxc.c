/* man/tables/gcxc.c - gcxc: options, commands, what it simulates. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Prints for one option of gcxc a command that takes it, with the values it may have there. */
static void gcxc_takes(const char *option, const char *command, const char *choices, const char *of, bool *begun)
{
    if (strcmp(option, of) != 0) return;
    printf("%s\n.Cm %s", *begun ? " ," : ".br\nGoes with", command);
    if (*choices) {
        fputs(" Pq ", stdout);
        for (; *choices; choices++)
            if (*choices == '|')
                fputs(", ", stdout);
            else
                putchar(*choices);
    }
    *begun = true;
}

static void gcxc_option(char letter, const char *name, const char *word, const char *doc)
{
    fputs(".It Fl ", stdout);
    if (letter) printf("%c , ", letter);
    printf("-%s", name);
    if (*word) printf(" Ar %s", word);
    putchar('\n');
    text(doc);
    puts(".");
}

void gcxc_options(void)
{
    static const struct {
        char letter;
        const char *id, *name, *word, *doc;
    } options[] = {
#define OPTION(id, letter, name, word, type, doc) {letter, #id, name, word, doc},
#include "compiler/cli/commands.def"
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        bool begun = false;
        gcxc_option(options[i].letter, options[i].name, options[i].word, options[i].doc);
#define TAKES(command, option, choices) gcxc_takes(#option, #command, choices, options[i].id, &begun);
#include "compiler/cli/commands.def"
        puts(" .");
    }
}

/* Prints what an editor can ask the language server. */
void editor_requests(void)
{
    static const struct {
        const char *method, *doc;
    } requests[] = {
#define SERVER_REQUEST(method, name, capability, value, doc)          {method, doc},
#define DOCUMENT_REQUEST(method, name, focus, capability, value, doc) {method, doc},
#include "compiler/lsp/requests.def"
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (*requests[i].doc) row(requests[i].method, "", requests[i].doc);
}

/* Prints the blocks that gcxc import knows: what each becomes, and what has to be checked by hand. */
void import_blocks(void)
{
    static const struct {
        const char *id, *becomes;
    } kinds[] = {
#define KIND(id, ends, becomes) {#id, becomes},
#include "compiler/import/kinds.def"
    };
    static const struct {
        const char *name, *id, *remark;
    } blocks[] = {
#define BLOCK(name, id, grade, remark) {name, #id, remark},
#include "compiler/import/kinds.def"
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++)
            if (strcmp(blocks[i].id, kinds[j].id) == 0)
                row(blocks[i].name, kinds[j].becomes,
                    *blocks[i].remark ? blocks[i].remark : "its translation means the same");
}

/* Prints a row of an imported format: what it becomes, and what is to be decided. */
static void import_row(const char *name, const char *becomes, const char *grade, const char *remark)
{
    bool left = strcmp(grade, "LEFT") == 0;
    row(name, *becomes ? becomes : left ? "quoted" : "", *remark ? remark : "its translation means the same");
}

/* Prints the applications of Asterisk's dialplan that gcxc import knows. */
void import_applications(void)
{
#define APPLICATION(name, function, grade, becomes, remark) import_row(name, becomes, #grade, remark);
#include "compiler/import/asterisk/applications.def"
}

/* Prints the strategies, settings and options of Asterisk's queues. */
void import_queues(void)
{
#define ORDER(name, by, grade, remark)                  import_row("strategy = " name, *(by) ? "by " by : "by ranks", #grade, remark);
#define SETTING(name, grade, becomes, remark)           import_row(name, becomes, #grade, remark);
#define SETTING_AS(name, value, grade, becomes, remark) import_row(name " = " value, becomes, #grade, remark);
#define TOGETHER(name, value, grade, becomes, remark)                                                                  \
    import_row(*(value) ? name " = " value ", ringall of one penalty" : name ", ringall of one penalty", becomes,      \
               #grade, remark);
#define LETTER(letter, grade, what)                                                                                    \
    import_row((const char[]){'o', 'p', 't', 'i', 'o', 'n', ' ', letter, 0}, "", #grade,                               \
               strcmp(#grade, "DONE") == 0 ? what : "not translated: " what);
#include "compiler/import/asterisk/queues.def"
}

/* Prints the keys of TaskRouter's objects, and its operators. */
void import_workflows(void)
{
#define KEY(of, key, grade, becomes, remark)           import_row(#of "." key, becomes, #grade, remark);
#define KEY_AS(of, key, value, grade, becomes, remark) import_row(#of "." key " = " value, becomes, #grade, remark);
#define OPERATOR(sign, grade, task, worker)                                                                            \
    import_row(sign, *(task) ? "of a task: " task : "", #grade,                                                        \
               *(worker) ? "of a worker: " worker : "of a worker it is quoted");
#include "compiler/import/taskrouter/workflow.def"
}

/* Prints the widgets of Twilio Studio, references and conditions. */
void import_widgets(void)
{
#define WIDGET(type, function, grade, becomes, remark) import_row(type, becomes, #grade, remark);
#define REFERENCE(path, form)                          import_row(path, form, "DONE", "");
#define CONDITION(type, grade, form)                                                                                   \
    import_row(type, form, #grade,                                                                                     \
               *(form) ? "a value that is no whole number does not match" : "a condition that is not translated");
#include "compiler/import/studio/studio.def"
}

/* Prints the actions of Amazon Connect, references, operators and metrics. */
void import_actions(void)
{
#define ACTION(type, function, grade, becomes, remark) import_row(type, becomes, #grade, remark);
#define PATH(path, grade, form, remark)                import_row(path "\\&", form, #grade, remark);
#define OPERATOR(name, grade, form)                    import_row(name, form, #grade, *(form) ? "" : "a condition that is not translated");
#define METRIC(type, form)                             import_row(type, form, "REMARK", "a metric is some seconds old there");
#include "compiler/import/connect/actions.def"
}

/* Prints the distributions and measures of gcxc simulate. */
void spreads(void)
{
#define SPREAD(name, parameters, arguments, doc) row(#name "(" arguments ")", "", doc);
#include "runtime/sim/spreads.def"
}

void simulated(void)
{
#define MEASURE(name, unit, of, title, doc) row(#name, #of, doc);
#include "runtime/sim/measures.def"
}

/* Prints the counters of a profile, as gcxc and gcxctl have them. */
void profiled(void)
{
#define PROFILED(name, doc) row(#name, "", doc);
#include "vm/profiled.def"
}

/* Prints the synopsis, one command per line. */
void gcxc_synopsis(void)
{
#define COMMAND(id, arguments, need, doc) puts(".Nm\n.Cm " #id "\n.Op Ar option ...\n.Ar \"" arguments "\"");
#include "compiler/cli/commands.def"
}
