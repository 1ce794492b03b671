/* runtime/core/people/line.c - DNs of agents: rows in a pool, each in its agent's list.
 *
 *     agent --lines--> main line (voice if there is one) -> line -> line
 *                          |
 *                      media: those with a DN of their own; beside: others that its link serves
 *
 * Three sets of media of an agent follow from its lines: out of service, link or desktop away, and destination
 * failed. lines_look() computes these sets anew after each change, so functions that change a line need not know
 * them. */
#include "runtime/core/people/line.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/keep.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/pool.h"
#include "runtime/core/people/agent.h"

/* Returns the key of a line; it includes the link, because two switches may have the same number. */
static uint64_t line_key(unsigned source, uint32_t dn)
{
    return (uint64_t)source << 32 | dn;
}

static uint64_t line_dn_key(const void *owner, uint32_t slot)
{
    const struct lines *lines = owner;
    return line_key(lines->all[slot].source, lines->all[slot].dn);
}

void lines_init(struct lines *lines)
{
    *lines = (struct lines){.free = LINE_NONE};
    lookup_init(&lines->by_dn, lines, line_dn_key);
}

void lines_free(struct lines *lines)
{
    free(lines->all);
    lookup_free(&lines->by_dn);
}

struct line *line_at(const struct agents *agents, uint32_t line)
{
    assert(line < agents->lines.count && agents->lines.all[line].dn != 0);
    return &agents->lines.all[line];
}

uint32_t line_on(const struct agents *agents, unsigned source, uint32_t dn)
{
    uint32_t line;
    return dn != 0 && lookup_find(&agents->lines.by_dn, line_key(source, dn), &line) ? line : LINE_NONE;
}

/* The hash takes a step per medium that the link lacks, so it is kept for the link, and computed again only when the
 * link serves other media. A link that serves all media adds nothing to the hash, so digests stay the same as before
 * this hash existed. */
static uint64_t lacking_hash(struct lacking of_links[LINKS_MAX], const struct line *line)
{
    if (media_set_equal(line->beside, media_set_all())) return 0;
    struct lacking *lacking = &of_links[line->source % LINKS_MAX];
    if (lacking->hash != 0 && media_set_equal(lacking->beside, line->beside)) return lacking->hash;
    *lacking = (struct lacking){line->beside, 0};
    EACH_MEDIUM(medium, media_set_but(media_set_all(), line->beside))
    lacking->hash = table_mix64(lacking->hash + medium + 1);
    return lacking->hash;
}

/* Returns the hash of the media that the link does not serve; 0 if it serves all, so older digests stay the same. */
static uint64_t line_hash(struct lacking of_links[LINKS_MAX], const struct line *line)
{
    uint64_t desktop = line->desktop ? table_mix64((line->desktop_until_us << 1 | line->deskless) + 1) : 0;
    uint64_t failed = line->failed_until_us != 0 ? table_mix64(~line->failed_until_us) : 0;
    if (line->failed_for_us != 0) failed += table_mix64(line->failed_for_us << 1 | 1);
    uint64_t media = (uint64_t)(uint16_t)line->media.words[0] << 2;
    if (line->pageless != 0) desktop += table_mix64(line->pageless + UINT64_C(1));
    return table_mix64(table_mix64((uint64_t)line->agent << 32 | line->dn) +
                       ((uint64_t)line->source << 32 | media | (uint64_t)line->roams << 1 | line->out) + desktop +
                       failed + media_set_hash(line->media) + lacking_hash(of_links, line));
}

/* line_changes() and line_changed() are called before and after a line changes; in between, the line is taken out of
 * the digest's sum. line_changed() must follow each line_changes(); nothing may read the sum in between. */
static struct line *line_changes(struct agents *agents, uint32_t slot)
{
    agents->lines.content -= line_hash(agents->lines.lacking, line_at(agents, slot));
    return line_at(agents, slot);
}

static void lines_look(struct agents *, uint32_t agent);

static void line_changed(struct agents *agents, const struct line *line)
{
    agents->lines.content += line_hash(agents->lines.lacking, line);
    lines_look(agents, line->agent);
}

/* Returns the agent's main line if `without` did not exist: the first line with voice, otherwise the first line. */
uint32_t line_main_without(const struct agents *agents, uint32_t agent, uint32_t without)
{
    uint32_t first = LINE_NONE;
    for (uint32_t at = agent_at(agents, agent)->lines; at != LINE_NONE; at = line_at(agents, at)->next) {
        if (at == without) continue;
        if (has_medium(line_at(agents, at)->media, media_voice)) return at;
        if (first == LINE_NONE) first = at;
    }
    return first;
}

static void unlink_line(struct agents *agents, uint32_t slot)
{
    uint32_t *at = &agent_at(agents, line_at(agents, slot)->agent)->lines;
    while (*at != slot) at = &line_at(agents, *at)->next;
    *at = line_at(agents, slot)->next;
}

/* True: interactions can be given to the agent at the line now. */
static bool is_free(const struct line *line)
{
    return !line->out && !line->held && !line->deskless && line->pageless == 0;
}

/* True: interactions can be given at the line now, and no destination has failed there lately. */
bool line_is_open(const struct line *line)
{
    return is_free(line) && line->failed_until_us == 0;
}

/* Returns the media that no `good` line of the agent serves now. `in`: media that have a DN in service. */
static struct media_set line_unserved(const struct agents *agents, uint32_t main, struct media_set in,
                                      bool (*good)(const struct line *))
{
    struct media_set served = {{0}};
    for (uint32_t at = main; at != LINE_NONE; at = line_at(agents, at)->next)
        if (good(line_at(agents, at))) served = media_set_or(served, line_at(agents, at)->media);
    return media_set_but(good(line_at(agents, main)) ? in : media_set_all(), served);
}

/* Computes the agent's media that are out of service. `out` and `in` are the media of lines out of service and in
 * service. A medium in both sets is served. If the main line is out while another one is in service, media without a DN
 * of their own are not served. */
static void line_media_of_several(const struct agents *agents, struct agent *who)
{
    uint32_t main = who->lines;
    struct media_set out = {{0}}, in = {{0}};
    for (uint32_t at = main; at != LINE_NONE; at = line_at(agents, at)->next) {
        struct media_set *of = line_at(agents, at)->out ? &out : &in;
        *of = media_set_or(*of, line_at(agents, at)->media);
    }
    who->dn_out = media_set_is_empty(in);
    struct media_set nowhere = media_set_but(media_set_all(), media_set_or(out, line_at(agents, main)->beside));
    if (!who->dn_out && line_at(agents, main)->out) nowhere = media_set_all();
    who->media_out = media_set_but(who->dn_out ? nowhere : media_set_or(nowhere, out), in);
    who->media_away = line_unserved(agents, main, in, is_free);
    who->media_failed = media_set_but(line_unserved(agents, main, in, line_is_open), who->media_away);
}

/* Most agents have one line. The sets of media follow from one line in fewer steps; lines_check() compares both
 * ways. */
static void line_media_of_one(const struct line *line, struct agent *who)
{
    const struct media_set all = media_set_all(), none = {{0}};
    who->dn_out = line->out || media_set_is_empty(line->media);
    who->media_out = media_set_but(all, media_set_or(line->media, line->beside));
    who->media_away = is_free(line) ? none : all;
    who->media_failed = is_free(line) && !line_is_open(line) ? all : none;
}

void line_media(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    if (who->lines == LINE_NONE) {
        who->dn_out = false;
        who->media_out = who->media_away = who->media_failed = (struct media_set){{0}};
    } else if (line_at(agents, who->lines)->next == LINE_NONE) {
        line_media_of_one(line_at(agents, who->lines), who);
    } else {
        line_media_of_several(agents, who);
    }
}

static bool is_of_several_links(const struct agents *agents, const struct agent *who)
{
    for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(agents, at)->next)
        if (line_at(agents, at)->source != line_at(agents, who->lines)->source) return true;
    return false;
}

/* The lines of the agent have changed: puts the main one first, and sets the agent's media accordingly. A medium
 * whose DNs are all out of service is not served; one without a DN of its own is served at the main line, if the
 * link of that line serves it. */
static void lines_look(struct agents *agents, uint32_t agent)
{
    struct agent *who = agent_at(agents, agent);
    /* a call at one of these links may now reach the agent */
    if (who->listed && is_of_several_links(agents, who)) agent_dirty(agents, agent);
    uint32_t main = line_main_without(agents, agent, LINE_NONE);
    if (main != LINE_NONE && main != who->lines) {
        unlink_line(agents, main);
        line_at(agents, main)->next = who->lines;
        who->lines = main;
    }
    if (main != LINE_NONE) who->source = line_at(agents, main)->source;
    line_media(agents, agent);
}

/* Returns a line of the agent that the link reports; NULL: none. NULL: there is none. */
static const struct line *line_of_link(const struct agents *agents, uint32_t agent, unsigned source)
{
    uint32_t at = agent_at(agents, agent)->lines;
    while (at != LINE_NONE && line_at(agents, at)->source != source) at = line_at(agents, at)->next;
    return at == LINE_NONE ? NULL : line_at(agents, at);
}

/* Copies the desktop of another line: all lines of one link have the same desktop. */
static void desktop_as(struct line *line, const struct line *other)
{
    line->desktop = other->desktop;
    line->deskless = other->deskless;
    line->desktop_until_us = other->desktop_until_us;
}

/* Adds a line in second place, after the main one; lines_look() moves it to the front if it is the first with voice.
 * The desktop of its link is known already if the agent has another line of that link. */
uint32_t line_add(struct agents *agents, uint32_t agent, uint32_t dn, enum media medium, uint16_t source,
                  struct media_set beside)
{
    struct lines *lines = &agents->lines;
    assert(dn != 0);
    uint32_t slot = POOL_TAKE(lines, next);
    struct agent *who = agent_at(agents, agent);
    uint32_t *after = who->lines == LINE_NONE ? &who->lines : &line_at(agents, who->lines)->next;
    const struct line *other = line_of_link(agents, agent, source);
    struct line *line = &lines->all[slot];
    *line = (struct line){.dn = dn, .agent = agent, .next = *after, .source = source, .seen = true};
    line->media = media_set_one(medium);
    line->beside = beside;
    if (other) desktop_as(line, other);
    *after = slot;
    lookup_add(&lines->by_dn, slot); /* asserts that no agent is there */
    lines->content += line_hash(lines->lacking, line);
    lines_look(agents, agent);
    return slot;
}

void line_first(struct agents *agents, uint32_t slot)
{
    struct line *line = line_at(agents, slot);
    unlink_line(agents, slot);
    line->next = agent_at(agents, line->agent)->lines;
    agent_at(agents, line->agent)->lines = slot;
    lines_look(agents, line->agent);
}

/* Ends a line; the row is freed before the agent's sets are computed, so that they no longer include it. */
void line_end(struct agents *agents, uint32_t slot)
{
    struct lines *lines = &agents->lines;
    struct line *line = line_at(agents, slot);
    uint32_t agent = line->agent;
    unlink_line(agents, slot);
    lines->content -= line_hash(lines->lacking, line);
    lookup_remove(&lines->by_dn, line_key(line->source, line->dn));
    POOL_GIVE(lines, slot, next);
    lines_look(agents, agent);
}

enum media line_medium(const struct line *line)
{
    return has_medium(line->media, media_voice) ? media_voice : (enum media)media_set_next(line->media, 0);
}

void lines_leave(struct agents *agents, uint32_t agent, uint32_t but)
{
    for (uint32_t at = agent_at(agents, agent)->lines, next; at != LINE_NONE; at = next) {
        next = line_at(agents, at)->next;
        if (but == LINE_NONE || (at != but && !line_at(agents, at)->roams)) line_end(agents, at);
    }
}

void line_out(struct agents *agents, uint32_t slot, bool out)
{
    struct line *line = line_changes(agents, slot);
    line->out = out;
    line_changed(agents, line);
}

void line_link(struct agents *agents, uint32_t slot, bool held, struct media_set beside)
{
    struct line *line = line_at(agents, slot);
    if (!media_set_equal(line->beside, beside)) {
        line_changes(agents, slot)->beside = beside;
        line->held = held;
        line_changed(agents, line);
    } else if (line->held != held) {
        line->held = held; /* the new value needs no change of the digest, which has no share of `held` */
        lines_look(agents, line->agent);
    }
}

/* Notes a failure. Each failure in a row doubles the pause, between `least_us` and `most_us`; line_works() resets it.
 * For example, the pauses are 30 s, 60 s and 120 s. */
void line_failed(struct agents *agents, uint32_t slot, uint64_t now_us, uint64_t least_us, uint64_t most_us)
{
    struct line *line = line_changes(agents, slot);
    uint64_t for_us = line->failed_for_us > most_us / 2 ? most_us : line->failed_for_us * 2;
    if (for_us < least_us) for_us = least_us;
    line->failed_until_us = now_us + for_us;
    if (most_us > least_us) line->failed_for_us = for_us;
    line_changed(agents, line);
}

void line_reopens(struct agents *agents, uint32_t slot)
{
    struct line *line = line_changes(agents, slot);
    line->failed_until_us = 0;
    line_changed(agents, line);
}

void line_works(struct agents *agents, uint32_t slot)
{
    struct line *line = line_changes(agents, slot);
    line->failed_until_us = line->failed_for_us = 0;
    line_changed(agents, line);
}

void line_serves(struct agents *agents, uint32_t slot, struct media_set media, bool roams)
{
    struct line *line = line_changes(agents, slot);
    line->media = media;
    line->roams = roams;
    line_changed(agents, line);
}

void line_desktop(struct agents *agents, uint32_t slot, bool had, bool is_away, uint64_t until_us)
{
    struct line *line = line_changes(agents, slot);
    desktop_as(line, &(struct line){.desktop = had, .deskless = is_away, .desktop_until_us = until_us});
    line_changed(agents, line);
}

void line_page(struct agents *agents, uint32_t slot, uint16_t away_from)
{
    struct line *line = line_changes(agents, slot);
    line->pageless = away_from;
    line_changed(agents, line);
}

void lines_forget_desktops(struct agents *agents, uint32_t agent)
{
    for (uint32_t at = agent_at(agents, agent)->lines; at != LINE_NONE; at = line_at(agents, at)->next)
        if (line_at(agents, at)->desktop) line_desktop(agents, at, false, false, 0);
}

uint32_t line_agent_dn(const struct agents *agents, uint32_t agent)
{
    uint32_t main = agent_at(agents, agent)->lines;
    return main == LINE_NONE ? 0 : line_at(agents, main)->dn;
}

/* True: the first of two lines of a medium is better. A line in service is better than one out of service. Among
 * equals an open line is better. */
static bool is_better(const struct line *line, const struct line *than)
{
    return line->out != than->out ? than->out : line_is_open(line) && !line_is_open(than);
}

/* Returns the agent's best line for the medium; a line with the medium comes first. The main line is used for a
 * medium that no line has, if its link serves the medium in addition (`beside`). */
const struct line *line_for_agent(const struct agents *agents, uint32_t agent, enum media medium)
{
    uint32_t main = agent_at(agents, agent)->lines;
    const struct line *found = NULL;
    for (uint32_t at = main; at != LINE_NONE; at = line_at(agents, at)->next) {
        const struct line *line = line_at(agents, at);
        if (has_medium(line->media, medium) && (!found || is_better(line, found))) found = line;
    }
    if (found || main == LINE_NONE || !has_medium(line_at(agents, main)->beside, medium)) return found;
    return line_at(agents, main);
}

/* Does the same as line_for_agent, but only with lines of one link. */
const struct line *line_of_agent(const struct agents *agents, uint32_t agent, enum media medium, unsigned source)
{
    const struct line *found = NULL;
    for (uint32_t at = agent_at(agents, agent)->lines; at != LINE_NONE; at = line_at(agents, at)->next) {
        const struct line *line = line_at(agents, at);
        if (line->source != source) continue;
        bool serves = has_medium(line->media, medium) ||
                      (has_medium(line->beside, medium) && !line_exists_for_agent(agents, agent, medium));
        if (serves && (!found || is_better(line, found))) found = line;
    }
    return found;
}

uint32_t line_dn_for_agent(const struct agents *agents, uint32_t agent, enum media medium)
{
    const struct line *line = line_for_agent(agents, agent, medium);
    return line ? line->dn : 0;
}

unsigned line_link_for_agent(const struct agents *agents, uint32_t agent, enum media medium)
{
    const struct line *line = line_for_agent(agents, agent, medium);
    return line ? line->source : agent_at(agents, agent)->source;
}

unsigned line_link_of_claim(const struct agents *agents, const struct claim *claim)
{
    return claim->link != 0 ? claim->link : line_link_for_agent(agents, claim->agent, (enum media)claim->medium);
}

bool line_exists_for_agent(const struct agents *agents, uint32_t agent, enum media medium)
{
    const struct line *line = line_for_agent(agents, agent, medium);
    return line && has_medium(line->media, medium);
}

bool line_agent_on_link(const struct agents *agents, uint32_t agent, unsigned source)
{
    const struct agent *who = agent_at(agents, agent);
    return who->lines == LINE_NONE ? who->source == source : line_of_link(agents, agent, source) != NULL;
}

/* Does line_media_of_one() give an agent with one line the same result as line_media_of_several()? */
static bool of_one_is_of_several(const struct agents *agents, const struct agent *who)
{
    struct agent one = *who, several = *who;
    if (who->lines == LINE_NONE || line_at(agents, who->lines)->next != LINE_NONE) return true;
    line_media_of_one(line_at(agents, who->lines), &one);
    line_media_of_several(agents, &several);
    return one.dn_out == several.dn_out && media_set_equal(one.media_out, several.media_out) &&
           media_set_equal(one.media_away, several.media_away) &&
           media_set_equal(one.media_failed, several.media_failed);
}

/* True: the main line, the set of media that are away, and the sum of hashes agree with what is computed anew from
 * all lines. */
bool lines_check(const struct agents *agents)
{
    struct lacking of_links[LINKS_MAX] = {0};
    uint64_t content = 0;
    uint32_t count = 0;
    for (uint32_t agent = 0; agent < agents->count; agent++) {
        const struct agent *who = agent_at(agents, agent);
        if (who->lines != line_main_without(agents, agent, LINE_NONE)) return false;
        struct media_set in = {{0}}, away = {{0}};
        for (uint32_t at = who->lines; at != LINE_NONE; at = line_at(agents, at)->next, count++) {
            const struct line *line = line_at(agents, at);
            if (!line->out) in = media_set_or(in, line->media);
            if (line->agent != agent || line_on(agents, line->source, line->dn) != at) return false;
            content += line_hash(of_links, line);
        }
        if (who->lines != LINE_NONE) away = line_unserved(agents, who->lines, in, is_free);
        if (!media_set_equal(who->media_away, away)) return false;
        if (!of_one_is_of_several(agents, who)) return false;
        if (who->lines != LINE_NONE && who->source != line_at(agents, who->lines)->source) return false;
    }
    return count == agents->lines.by_dn.count && content == agents->lines.content;
}

static void agent_line_keep(struct keeper *keeper, const struct names *names, uint32_t count, struct line *line)
{
    line->dn = name_keep(names, keeper, line->dn);
    line->next = keep_index(keeper, line->next, count, LINE_NONE);
    if (line->dn == 0) return;
    line->agent = keep_u32(keeper, line->agent);
    line->source = keep_u16(keeper, line->source);
    line->media = media_set_keep(keeper, line->media);
    if (media_set_is_empty(line->media)) keep_fail(keeper, "a line serves no medium");
    line->pageless = keep_has(keeper, 13) ? keep_u16(keeper, line->pageless) : 0;
    line->beside = keep_has(keeper, 13) ? media_set_keep(keeper, line->beside) : media_set_all();
    line->out = keep_bool(keeper, line->out);
    line->held = keep_bool(keeper, line->held);
    line->roams = keep_bool(keeper, line->roams);
    line->seen = keep_bool(keeper, line->seen);
    line->desktop = keep_bool(keeper, line->desktop);
    line->deskless = keep_bool(keeper, line->deskless);
    line->failed_until_us = keep_u64(keeper, line->failed_until_us);
    line->failed_for_us = keep_has(keeper, 8) ? keep_u64(keeper, line->failed_for_us) : 0;
    line->desktop_until_us = keep_u64(keeper, line->desktop_until_us);
}

void lines_keep(struct lines *lines, const struct names *names, struct keeper *keeper)
{
    POOL_KEEP(lines, keeper, UINT32_MAX);
    lines->content = keep_u64(keeper, lines->content);
    for (uint32_t at = 0; at < lines->count && keep_good(keeper); at++) {
        agent_line_keep(keeper, names, lines->count, &lines->all[at]);
        if (lines->all[at].dn != 0) lookup_restore(&lines->by_dn, keeper, at);
    }
}

/* True: each row that was read is in exactly one agent's list, or in the list of free rows. */
bool lines_sound(void *self)
{
    const struct agents *agents = self;
    const struct lines *lines = &agents->lines;
    struct marks marks = marks_of(lines->count);
    bool sound = true;
    for (uint32_t agent = 0; agent < agents->count; agent++)
        for (uint32_t at = agents->all[agent].lines; sound && at != LINE_NONE; at = lines->all[at].next)
            if (!(sound = marks_mark(&marks, at) && lines->all[at].dn != 0 && lines->all[at].agent == agent)) break;
    POOL_MARK_FREE(lines, next, dn, 0, &marks, sound);
    return marks_end(&marks, lines->count) && sound;
}
