/* runtime/adapters/sip/keep.c - The file by which registered telephones and logged-in agents survive a restart of
 * the process. Calls do not survive: their sound passes through the process.
 *
 *     telephone <tab> DN <tab> user <tab> address:port <tab> until (seconds of the wall clock)
 *     path <tab> DN <tab> contact <tab> route <tab> -         of a telephone above; no edge before it: an empty route
 *     agent <tab> NAME <tab> DN <tab> state <tab> work mode
 *
 * The lines are sealed (sealed.h). If lines are damaged or the file was removed, this is logged, and the file is
 * written anew from what is known. Nothing waits until the disk has written, since all sound would wait, too: a loss
 * of power, which ends every call anyway, may leave the file damaged. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/sealed.h"
#include "base/file.h"
#include "base/memory.h"

enum { WORDS = 5, KEEP_FEW = 200, KEEP_PAUSE_MS = 100, KEEP_AGAIN_MS = 1000 };

static int64_t keep_wall_s(const struct exchange *exchange)
{
    return cti_wall(&exchange->cti, exchange->cti.now_us) / 1000000;
}

/* Reads the row of a telephone. A row that has expired, whose telephone the settings do not name any more, or that
 * cannot be read is left out; the telephone registers again. The time left is limited to `expires`, in case the
 * setting is smaller now or the clock was set back. */
static void keep_read_telephone(struct exchange *exchange, char *const words[WORDS])
{
    struct telephone *telephone = telephones_find(&exchange->telephones, words[1]);
    struct sa at;
    long long left_s = strtoll(words[4], NULL, 10) - keep_wall_s(exchange);
    if (!telephone || left_s <= 0 || sa_decode(&at, words[3], strlen(words[3])) != 0 ||
        !text_set(telephone->user, sizeof telephone->user, words[2]))
        return;
    if (left_s > (long long)exchange->setting.expires) left_s = (long long)exchange->setting.expires;
    telephone->at = at;
    telephone->alive.behind = true; /* a router is assumed: the file does not tell whether there is one */
    telephone->until_ms = loop_ms() + (uint64_t)left_s * 1000;
    telephone->registered = true;
}

static void keep_read_path(struct exchange *exchange, char *const words[WORDS])
{
    struct telephone *telephone = telephones_find(&exchange->telephones, words[1]);
    if (!telephone || !telephone->registered) return;
    if (!text_set(telephone->contact, sizeof telephone->contact, words[2]) ||
        !text_set(telephone->path, sizeof telephone->path, words[3]))
        *telephone->contact = *telephone->path = '\0';
}

static void keep_read_agent(struct exchange *exchange, char *const words[WORDS])
{
    int state = enum_value_agent_state(words[3], (uint32_t)strlen(words[3]));
    int mode = enum_value_work_mode(words[4], (uint32_t)strlen(words[4]));
    bool known = state == agent_state_ready || state == agent_state_not_ready || state == agent_state_after_call_work;
    if (!telephones_find(&exchange->telephones, words[2]) || !*words[1] || !known) return;
    cti_snapshot_agent(&exchange->cti, words[1], words[2], NULL, (enum agent_state)state,
                       mode < 0 ? work_mode_unknown : (enum work_mode)mode, (struct span){0});
}

static void kept_lines_read(struct exchange *exchange, const char *kind, const char *text,
                            void (*take)(struct exchange *, char *const words[WORDS]))
{
    char *copy = memory_text(text), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *words[WORDS] = {NULL};
        unsigned count = 0;
        for (char *word; count < WORDS && (word = strsep(&line, "\t"));) words[count++] = word;
        if (count == WORDS && strcmp(words[0], kind) == 0) take(exchange, words);
    }
    free(copy);
}

/* Returns the good lines of the file; NULL: there is no file, as at the first start, or it cannot be read. */
static char *kept_file_read(struct exchange *exchange)
{
    const char *path = exchange->kept_path, *why;
    bool whole;
    exchange->keep_due = true; /* the file will be written anew, with all that the process knows by then */
    if (!path || access(path, F_OK) != 0) return NULL;
    char *text = sealed_read(path, &whole, &why);
    exchange->kept = true;
    if (!text)
        exchange_log(exchange, GCX_LOG_ERROR, "sip: %s: %s: telephones register and agents log in again", path, why);
    else if (!whole)
        exchange_log(exchange, GCX_LOG_ERROR,
                     "sip: %s is damaged: its good lines count; of the others, telephones register and agents log in "
                     "again",
                     path);
    return text;
}

/* Reads the file and tells the call model. The order matters: telephones first, then their routes, then the devices,
 * and agents last, because an agent is logged in at a telephone that must be known. */
void keep_read(struct exchange *exchange)
{
    struct cti *cti = &exchange->cti;
    char *text = kept_file_read(exchange);
    cti_snapshot_begin(cti);
    if (text) kept_lines_read(exchange, "telephone", text, keep_read_telephone);
    if (text) kept_lines_read(exchange, "path", text, keep_read_path);
    for (unsigned i = 0; i < exchange->setting.number_count; i++) {
        const char *point = exchange->setting.all_numbers[i].point;
        bool queue = setting_is_queue(&exchange->setting, point);
        cti_device(cti, point, queue ? dn_type_queue : dn_type_routing_point, dn_state_in);
    }
    for (unsigned i = 0; i < exchange->telephones.count; i++)
        telephone_is(exchange, &exchange->telephones.all[i], exchange->telephones.all[i].registered);
    if (text) kept_lines_read(exchange, "agent", text, keep_read_agent);
    cti_snapshot_end(cti);
    free(text);
}

static bool keep_plain(const char *name)
{
    return !strpbrk(name, "\t\n");
}

/* Writes the rows of telephones and agents; of the telephones only those reached by UDP, because a connection of TCP
 * or TLS ends with this process. Names with a tab or a line break are left out, because they would end a field. */
static void keep_print(const struct exchange *exchange, FILE *out)
{
    uint64_t now_ms = loop_ms();
    for (unsigned i = 0; i < exchange->telephones.count; i++) {
        const struct telephone *telephone = &exchange->telephones.all[i];
        char at[64];
        if (!telephone->registered || telephone->transport != SIP_TRANSP_UDP || telephone->until_ms <= now_ms ||
            !keep_plain(telephone->dn))
            continue;
        if (re_snprintf(at, sizeof at, "%J", &telephone->at) <= 0) continue;
        fprintf(out, "telephone\t%s\t%s\t%s\t%lld\n", telephone->dn, telephone->user, at,
                (long long)(keep_wall_s(exchange) + (int64_t)((telephone->until_ms - now_ms) / 1000)));
        if (*telephone->contact)
            fprintf(out, "path\t%s\t%s\t%s\t-\n", telephone->dn, telephone->contact, telephone->path);
    }
    for (const struct agent_session *session = exchange->cti.agents.first; session; session = session->next)
        if (keep_plain(session->agent) && keep_plain(session->dn))
            fprintf(out, "agent\t%s\t%s\t%s\t%s\n", session->agent, session->dn, enum_name_agent_state(session->state),
                    enum_name_work_mode(session->work_mode));
}

/* If somebody has removed the file, logs this and has the file written anew: the process knows all that was in it. */
static void kept_file_look(struct exchange *exchange)
{
    if (!exchange->kept_path || !exchange->kept || access(exchange->kept_path, F_OK) == 0) return;
    exchange->kept = false;
    exchange->keep_due = true;
    exchange_log(exchange, GCX_LOG_ERROR, "sip: %s was removed or moved away: it is written anew", exchange->kept_path);
}

/* Writes the file. file_replace() writes another file and renames it, so that a kill leaves the old file or the new
 * one and never half of one. errno is saved over the two calls of free(). */
static bool kept_file_put(struct exchange *exchange)
{
    char *lines = NULL, *text;
    size_t length;
    FILE *memory = open_memstream(&lines, &length);
    if (!memory) abort();
    keep_print(exchange, memory);
    if (fclose(memory) != 0) abort();
    text = sealed_text(lines);
    bool good = file_replace(exchange->kept_path, text, strlen(text));
    int reason = errno;
    free(lines), free(text);
    errno = reason;
    return good;
}

/* Writes the file if it is due. A write that fails, as on a full disk, is logged once, and once more when a write
 * succeeds again; until then it is tried each second. */
void keep_write(struct exchange *exchange)
{
    if (!exchange->kept_path || !exchange->keep_due) return;
    exchange->kept_ms = loop_ms();
    bool good = kept_file_put(exchange);
    if (!good && !exchange->keep_fails)
        exchange_log(exchange, GCX_LOG_WARNING, "sip: %s cannot be written: %s: it is tried again each second",
                     exchange->kept_path, strerror(errno));
    if (good && exchange->keep_fails)
        exchange_log(exchange, GCX_LOG_INFO, "sip: %s is written again", exchange->kept_path);
    exchange->keep_due = exchange->keep_fails = !good;
    exchange->kept |= good;
}

void keep_tick(struct exchange *exchange)
{
    kept_file_look(exchange);
    if (!exchange->keep_fails || loop_ms() - exchange->kept_ms >= KEEP_AGAIN_MS) keep_write(exchange);
}

void keep_now(struct exchange *exchange)
{
    exchange->keep_due = true;
    if (exchange->telephones.count <= KEEP_FEW || loop_ms() - exchange->kept_ms >= KEEP_PAUSE_MS) keep_tick(exchange);
}
