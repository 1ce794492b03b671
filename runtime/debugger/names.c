/* runtime/debugger/names.c - Completes command lines: commands at the beginning, after a command names of the
 * program and of the simulated world.
 *
 *     in<TAB>           info                                 commands.def
 *     info t<TAB>       timers                               subjects of info
 *     break ent<TAB>    enterprise.gcx, enterprise           the program: files, functions, keys, variables, steps
 *     agent m<TAB>      marie                                the world: agents, queues, states
 *
 * All words that fit are collected in each call, and the one with the given number is returned: readline asks with
 * 0, 1, 2 ... until NULL. */
#include "runtime/debugger/commands.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/queue_row.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"

enum { SHOWN_NAME_BYTES = 128 };

struct finding {
    const char *begins;
    char (*seen)[SHOWN_NAME_BYTES]; /* words that begin as typed, each once */
    size_t count;
};

static void finding_offer(struct finding *f, const char *name, size_t length)
{
    size_t begins = strlen(f->begins);
    if (length < begins || length >= SHOWN_NAME_BYTES || length == 0 || memcmp(name, f->begins, begins) != 0) return;
    for (size_t i = 0; i < f->count; i++)
        if (strlen(f->seen[i]) == length && memcmp(f->seen[i], name, length) == 0) return;
    f->seen = memory_grown(f->seen, f->count + 1, sizeof *f->seen);
    assert(length < SHOWN_NAME_BYTES);
    (void)snprintf(f->seen[f->count++], SHOWN_NAME_BYTES, "%.*s", (int)length, name);
}

static void offer_text(struct finding *f, struct text text)
{
    finding_offer(f, text.bytes, text.length);
}

static void offer_program(struct finding *f, const struct image *image)
{
    struct text text;
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        const struct image_strategy *strategy = image_strategy(image, i);
        for (uint32_t slot = 0; slot < image_slot_count(strategy); slot++)
            offer_text(f, image_text(image, image_slot(image, strategy, slot)->name));
    }
    for (uint32_t i = 0; image_variable_at(image, i, &text); i++) offer_text(f, text);
    for (uint32_t i = 0; i < image_count(image, SECTION_FUNCTIONS); i++) {
        text = image_text(image, image_function(image, i)->name);
        /* parts of a strategy, whose names have dots, are left out */
        if (!memchr(text.bytes, '.', text.length)) offer_text(f, text);
    }
    for (uint32_t i = 0; image_source(image, i, &text); i++) {
        uint32_t skip = text.length;
        while (skip > 0 && text.bytes[skip - 1] != '/') skip--;
        finding_offer(f, text.bytes + skip, text.length - skip);
    }
    for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
        const struct step *step = step_numbered(image_wait(image, i)->step);
        if (step) finding_offer(f, step->name, strlen(step->name));
    }
}

static void offer_world(struct finding *f, const struct core *core)
{
    struct agent_row agent;
    struct queue_row queue;
    for (uint32_t i = 0; core_agent(core, i, &agent); i++)
        if (agent.name.length > 0) finding_offer(f, (const char *)agent.name.bytes, agent.name.length);
    for (uint32_t i = 0; core_queue(core, i, &queue); i++)
        finding_offer(f, (const char *)queue.name.bytes, queue.name.length);
    for (unsigned i = 1; strcmp(enum_name_agent_state(i), "unknown") != 0; i++)
        finding_offer(f, enum_name_agent_state(i), strlen(enum_name_agent_state(i)));
}

static bool line_is_command(const char *line, const char *word)
{
    size_t length = strlen(word);
    return strncmp(line, word, length) == 0 && line[length] == ' ';
}

static bool names_wants_file(const char *line)
{
    return line_is_command(line, "graph") || line_is_command(line, "timeline") || line_is_command(line, "source") ||
           line_is_command(line, "record") || line_is_command(line, "save");
}

static void finding_offer_words(struct finding *f, const char *line)
{
    static const char *const places[] = {"step", "exit", "event", "agent", "key"};
    const char *word;
    line += strspn(line, " \t");
    if (!strchr(line, ' ') || line_is_command(line, "help"))
        for (unsigned i = 0; (word = commands_named(f->begins, i)); i++) finding_offer(f, word, strlen(word));
    if (line_is_command(line, "info"))
        for (unsigned i = 0; (word = commands_subject(i)); i++) finding_offer(f, word, strlen(word));
    if (line_is_command(line, "break") || line_is_command(line, "tbreak"))
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) finding_offer(f, places[i], strlen(places[i]));
}

/* Returns a word that is borrowed until the next call. */
const char *names_complete(struct debugger *d, const char *line, const char *begins, unsigned index)
{
    static char found[SHOWN_NAME_BYTES];
    struct finding f = {.begins = begins};
    const char *text = line + strspn(line, " \t");
    finding_offer_words(&f, line);
    if (strchr(text, ' ') && !line_is_command(text, "help") && !line_is_command(text, "info")) {
        offer_program(&f, d->program);
        if (d->core) offer_world(&f, d->core);
    }
    bool is = index < f.count;
    if (is) (void)snprintf(found, sizeof found, "%s", f.seen[index]);
    free(f.seen);
    return is ? found : NULL;
}

const struct completion names_completion = {names_complete, names_wants_file};
