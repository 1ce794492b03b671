/* tests/fuzz/fuzz_cti.c - The T-Server between hostile desktops, a hostile switch and a core that asks for anything.
 * What it sends to each is well-formed whatever comes, and nobody else pays for it: while the switch's link is open no
 * line of the switch closes it or ends a call that the line does not name, and no desktop's line closes another's
 * connection.
 *
 * The input is a script, one step per line, so that seeds can be read (tests/fuzz/corpus/cti):
 *   1LINE 2LINE   desktop 1 or 2 says the line        3BYTES 4BYTES  they say bytes without an end
 *   sLINE SBYTES  the switch likewise                 a, n           it answers its oldest service, or refuses it
 *   l, r          its link is lost, is there again    kBYTES         the core performs an effect (frames.h)
 *   d, u          the core is away, is there again    g              it gives no credit, or credit again
 *   wN            N tenths of a second pass           c, o           desktop 2 goes, comes
 *   pN            what is made of the passwords shown, as enum verdict has it
 *   U, ULINES     from now on there are users, those of the lines (a semicolon ends one) */
#include "config.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/frames.h"
#include "tests/unit/tserver_rig.h"

enum { STEPS = 200, TENTHS_MAX = 200 };

static char users[1024];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char hash[crypto_pwhash_STRBYTES];
    (void)argc, (void)argv;
    MUST(sodium_init() >= 0);
    MUST(crypto_pwhash_str(hash, "secret", 6, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN) == 0);
    snprintf(users, sizeof users,
             "marie agent dn=7001 group=sales password=%s\n"
             "anne supervisor group=sales certificate=anne.example.org\n"
             "board monitor dn=70*,5000 certificate=board.example.org\n",
             hash);
    return 0;
}

struct terminal {
    struct client *client;
    bool asked; /* for its password */
};

struct scene {
    struct tserver_rig rig;
    struct terminal terminals[2];
    struct writer writer;
    struct seen seen;
};

static bool heard(void *self, const char *bytes, size_t length)
{
    (void)self;
    json_error_t error;
    json_t *line = json_loadb(bytes, length, 0, &error);
    MUST(line && bytes[length - 1] == '\n' && memchr(bytes, '\n', length) == bytes + length - 1);
    MUST(json_string_value(json_object_get(line, "Message")) != NULL);
    json_decref(line);
    return true;
}

static void closed(void *self)
{
    struct terminal *terminal = self;
    terminal->client = NULL;
}

static bool asked(void *self, const char *hash, const char *password)
{
    struct terminal *terminal = self;
    MUST(hash[0] == '$' && strlen(password) <= PASSWORD_MAX);
    terminal->asked = true;
    return true;
}

static void come(struct scene *scene, struct terminal *terminal)
{
    static const struct tls_names names[2] = {{.name = {"nobody"}, .count = 1},
                                              {.name = {"anne.example.org"}, .count = 1}};
    unsigned number = terminal == &scene->terminals[1];
    const struct client_peer peer = {.address = "127.0.0.1", .names = &names[number]};
    const struct client_wire wire = {.self = terminal, .send = heard, .close = closed, .verify = asked};
    if (terminal->client) client_lost(terminal->client);
    *terminal = (struct terminal){0};
    /* close() may be called before this returns. */
    struct client *client = client_new(&scene->rig.tserver.cti, &wire, &peer);
    terminal->client = client;
}

static void say(struct scene *scene, struct terminal *terminal, const char *bytes, size_t length, bool ends)
{
    if (!terminal->client) come(scene, terminal);
    if (terminal->client) client_feed(terminal->client, bytes, length);
    if (terminal->client && ends) client_feed(terminal->client, "\n", 1);
}

static void verified(struct scene *scene, enum verdict verdict)
{
    for (unsigned i = 0; i < 2; i++) {
        if (!scene->terminals[i].client || !scene->terminals[i].asked) continue;
        scene->terminals[i].asked = false;
        client_verified(scene->terminals[i].client, verdict);
    }
}

static void answer(struct scene *scene, bool good)
{
    const char *service = json_string_value(json_object_get(json_array_get(scene->rig.asked, 0), "service"));
    char name[64];
    if (!service) return;
    snprintf(name, sizeof name, "%s", service);
    good ? rig_result(&scene->rig, name) : rig_error(&scene->rig, name, "invalid_state");
}

static void perform(struct scene *scene, const uint8_t *bytes, size_t length)
{
    struct input input = {bytes, length, 0};
    struct message message;
    struct error error;
    unsigned kind = frame_kind_effect(&input);
    struct span frame = frame_made(&input, &scene->writer, kind, 16, 1, &scene->seen);
    if (!message_read(&message, frame.bytes, frame.length, &error)) return;
    cti_perform(&scene->rig.tserver.cti, &message);
}

/* The settings on the line, with a semicolon for each end of a line; where it is empty, the ones above. */
static void set_users(struct scene *scene, char *bytes, size_t length)
{
    char why[512];
    bool own = length > 0;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == ';') bytes[i] = '\n';
    struct users *read = users_read(own ? fuzz_file(bytes, length) : fuzz_file(users, strlen(users)), why, sizeof why);
    if (read) cti_set_users(&scene->rig.tserver.cti, read);
    if (!read && (!own || strncmp(why, "/proc/self/fd/", 14) != 0)) fuzz_broken(__FILE__, __LINE__, why);
}

static void wait_for(struct scene *scene, const char *text)
{
    long tenths = strtol(text, NULL, 10);
    rig_wait(&scene->rig, 100000 * (tenths < 1 ? 1 : tenths > TENTHS_MAX ? TENTHS_MAX : tenths));
}

static const char beside[] = "beside-4f1c"; /* the call that nobody names */

static bool is_beside(const struct tserver_rig *rig)
{
    return calls_by_id(&rig->tserver.cti.calls, beside) != NULL;
}

/* Also where it began in a step before. */
static bool names_beside(const struct switch_lines *begun, const char *bytes, size_t length)
{
    char *both = malloc(begun->length + length + 1);
    if (!both) abort();
    if (begun->length > 0) memcpy(both, begun->bytes, begun->length);
    memcpy(both + begun->length, bytes, length);
    bool found = memmem(both, begun->length + length, beside, sizeof beside - 1) != NULL;
    free(both);
    return found;
}

static void switch_says(struct tserver_rig *rig, const char *bytes, size_t length, bool ends)
{
    unsigned dropped = rig->dropped;
    bool open = rig->tserver.link.state == SWLINK_UP, was_there = is_beside(rig);
    bool named = names_beside(&rig->tserver.link.lines, bytes, length);
    tserver_feed(&rig->tserver, bytes, length);
    if (ends) tserver_feed(&rig->tserver, "\n", 1);
    if (open) MUST(rig->dropped == dropped && rig->tserver.link.state == SWLINK_UP);
    if (open && was_there && !named) MUST(is_beside(rig));
}

/* A desktop's line; the other's connection stays. */
static void desktop_says(struct scene *scene, unsigned number, const char *bytes, size_t length, bool ends)
{
    struct terminal *other = &scene->terminals[1 - number];
    bool was_there = other->client != NULL;
    say(scene, &scene->terminals[number], bytes, length, ends);
    MUST(!was_there || other->client);
}

static void step(struct scene *scene, char what, char *bytes, size_t length)
{
    struct tserver_rig *rig = &scene->rig;
    switch (what) {
    case '1':
    case '2':
        desktop_says(scene, (unsigned)(what - '1'), bytes, length, true);
        break;
    case '3':
    case '4':
        desktop_says(scene, (unsigned)(what - '3'), bytes, length, false);
        break;
    case 's':
    case 'S':
        switch_says(rig, bytes, length, what == 's');
        break;
    case 'a':
    case 'n':
        answer(scene, what == 'a');
        break;
    case 'l':
        rig_lose(rig);
        break;
    case 'r': /* the plugin connects when it has lost the switch */
        if (rig->tserver.link.state == SWLINK_DOWN) rig_connect(rig);
        break;
    case 'k':
        perform(scene, (const uint8_t *)bytes, length);
        break;
    case 'd':
    case 'u':
        rig_core(rig, what == 'u');
        break;
    case 'g':
        rig->no_credit = !rig->no_credit;
        if (!rig->no_credit) cti_credit(&rig->tserver.cti);
        break;
    case 'w':
        wait_for(scene, bytes);
        break;
    case 'c':
        if (scene->terminals[1].client) client_lost(scene->terminals[1].client);
        scene->terminals[1] = (struct terminal){0};
        break;
    case 'o':
        come(scene, &scene->terminals[1]);
        break;
    case 'p':
        verified(scene, (enum verdict)((unsigned char)bytes[0] % 3));
        break;
    case 'U':
        set_users(scene, bytes, length);
        break;
    default:
        break;
    }
    frames_check((struct span){rig->posted.bytes, (uint32_t)rig->posted.length}, &scene->seen);
    rig_forget(rig);
}

/* A step whose bytes end with a zero that is not theirs. */
static void step_line(struct scene *scene, const uint8_t *line, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy) abort();
    memcpy(copy, line, length);
    copy[length] = '\0';
    step(scene, copy[0], copy + 1, length - 1);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (!scene) abort();
    writer_init(&scene->writer);
    rig_open(&scene->rig);
    rig_ring(&scene->rig, beside);
    rig_forget(&scene->rig);
    const uint8_t *end = bytes + length;
    for (int steps = 0; steps < STEPS && bytes < end; steps++) {
        const uint8_t *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        if (!stop) stop = end;
        if (stop > bytes) step_line(scene, bytes, (size_t)(stop - bytes));
        bytes = stop < end ? stop + 1 : end;
    }
    for (unsigned i = 0; i < 2; i++)
        if (scene->terminals[i].client) client_lost(scene->terminals[i].client);
    rig_free(&scene->rig);
    writer_free(&scene->writer);
    free(scene);
    return 0;
}
