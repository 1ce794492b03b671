/* runtime/sim/rig.h - Plays a scenario over the wire in real time: switch, callers and desktops around a T-Server.
 *
 * A rig waits until the T-Server has registered, the desktops have the states that the test wants and the core sees
 * them; then time runs. A rig owns everything it makes; test and plan come from outside. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/draw.h"
#include "runtime/sim/plan.h"
#include "runtime/scenario/scenario.h"
#include "runtime/sim/tally.h"
#include "runtime/sim/trace.h"
#include "base/error.h"

struct rig;

/* Certificates, keys and passwords with which switch and desktops connect to the T-Server (wallet.c). Without any of
 * them, both wires are unencrypted. The wallet owns what it has read. */
struct tls;
struct wallet;

struct wallet_options {
    const char *cti_ca; /* CA of the T-Server's certificate; if set, desktops connect by TLS */
    /* a desktop's files; %s in a path is the agent's name; without files: no certificate */
    const char *desk_certificate;
    const char *desk_key;
    const char *passwords;                       /* a file of lines `agent password` */
    const char *switch_certificate, *switch_key; /* if set, the switch link uses TLS */
    const char *switch_ca; /* CA of the T-Server's certificate at the switch link; if set, the T-Server must send one */
};

struct wallet *wallet_new(const struct wallet_options *, struct error *);
void wallet_free(struct wallet *);

/* Returns the switch's own TLS; NULL: unencrypted. Borrowed. */
struct tls *wallet_switch(const struct wallet *);
/* Do desktops use TLS? If so, wallet_desk() makes a struct tls for an agent's desktop, which owns it; NULL with the
 * reason. */
bool wallet_desks(const struct wallet *);
struct tls *wallet_desk(const struct wallet *, const char *agent, struct error *);
const char *wallet_password(const struct wallet *, const char *agent); /* NULL: none */

struct rig_options {
    const char *listen, *port_file;  /* address of the switch link; the file to which its port is written */
    const char *cti, *cti_port_file; /* the clients' wire: its address, or a file that will contain its port */
    const char *admin;               /* gcxvm's admin socket, or NULL */
    const char *directory;           /* gcxvm's directory, edited when the test changes something in it; or NULL */
    uint64_t wait_us;                /* time limit for everything to become ready; 0: 30 s */
    uint64_t limit_us;               /* time limit of the play; 0: none */
    uint64_t grace_us;               /* how much later than a test's `within` events may come; 0: 500 ms */
    /* a file with the second at which the play's clock stops; NULL, or no such file: it runs */
    const char *clock;
    struct spread handles; /* how long agents talk, drawn for each call; SPREAD_never: as their agents say */
    uint64_t seed;
    uint64_t after_call_work_us;
    uint64_t queue_us, desk_us; /* how long a call waits in a queue, and how long it then talks; 0: 5 s, 30 s */
    uint64_t last_default_us;   /* how long a call waits without a T-Server; 0: no limit */
    uint64_t outside_us; /* time after which unknown outside numbers answer by their last digit; 0: they do not exist */
    struct wallet_options wallet; /* certificates and passwords of both wires */
    bool forever;                 /* continues when nothing is left to play, until a signal, which is a normal end */
    bool log;                     /* prints one line per event on standard output */
    bool hurry;                   /* ends conversations as soon as nothing depends on them */
};

struct rig *rig_new(const struct scenario_test *, const struct plan *, const struct rig_options *, struct error *);
void rig_free(struct rig *);

/* Adds a DN to those of the plan, before rig_play(). */
void rig_add_dn(struct rig *, const char *dn, enum dn_type);

/* Plays to the end. False with the reason: it could not begin, was stopped by a signal, or took too long. */
bool rig_play(struct rig *, struct error *);

const struct trace *rig_trace(const struct rig *);
const struct tally *rig_tally(const struct rig *);
/* Checks the test's expectations and the world's problems; reports each failure. Returns how many. */
unsigned rig_check(struct rig *, void (*failure)(void *self, uint32_t line, const char *text), void *self);
