/* runtime/sim/rig.h - A scenario played over the wire in real time: switch, callers and desktops around a T-Server.
 *
 * Waits until the T-Server has registered, the desktops are where the test wants them and the core sees them, then lets
 * time run. Owns everything it makes; the test, the plan and the switch's plant come from outside. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/sim/plan.h"
#include "runtime/scenario/scenario.h"
#include "runtime/sim/tally.h"
#include "runtime/sim/trace.h"
#include "base/error.h"

struct rig;

/* Certificates, keys and passwords by which switch and desktops connect to the T-Server (wallet.c). Without any, both
 * wires are plain text. It owns what it read. */
struct tls;
struct wallet;

struct wallet_options {
    const char *cti_ca;           /* who signed the T-Server's certificate: desktops connect by TLS */
    const char *desk_certificate; /* files of a desktop; %s in a path is the agent's name: who has none shows none */
    const char *desk_key;
    const char *passwords;                       /* a file of lines `agent password` */
    const char *switch_certificate, *switch_key; /* the switch link is TLS */
    const char *switch_ca; /* who signed the T-Server's certificate at the switch: it must show one */
};

struct wallet *wallet_new(const struct wallet_options *, struct error *);
void wallet_free(struct wallet *);

/* The switch's own TLS, or NULL: plain text. Borrowed. */
struct tls *wallet_switch(const struct wallet *);
/* Are desktops to use TLS? Then each has its own, which it owns; NULL with the reason. */
bool wallet_desks(const struct wallet *);
struct tls *wallet_desk(const struct wallet *, const char *agent, struct error *);
const char *wallet_password(const struct wallet *, const char *agent); /* NULL: none */

struct rig_options {
    const char *listen, *port_file;  /* the switch link; the port is written there */
    const char *cti, *cti_port_file; /* the clients' wire: an address, or a file that will hold its port */
    const char *admin;               /* gcxvm's admin socket, or NULL */
    const char *directory;           /* gcxvm's directory, edited where the test changes what it says; or NULL */
    uint64_t wait_us;                /* how long everything may take to be ready; 0: 30 s */
    uint64_t limit_us;               /* how long the play may take; 0: for ever */
    uint64_t grace_us;               /* how much later than a test's `within` events may come; 0: 500 ms */
    const char *clock;               /* a file of seconds, at which the play's clock stands; NULL or none: it runs */
    uint64_t after_call_work_us;
    uint64_t queue_us, desk_us; /* how long a call waits in a queue, and talks there; 0: 5 s, 30 s */
    uint64_t last_default_us;   /* how long a call waits without a T-Server; 0: for ever */
    uint64_t outside_us; /* after so long numbers that no caller has answer by their last digit; 0: none is there */
    struct wallet_options wallet; /* certificates and passwords of both wires */
    bool forever;                 /* goes on when nothing is left to play, until a signal; that is a good end */
    bool log;                     /* one line per event on standard output */
    bool hurry;                   /* conversations end once nothing depends on them */
};

struct rig *rig_new(const struct scenario_test *, const struct plan *, const struct rig_options *, struct error *);
void rig_free(struct rig *);

/* More DNs than the plan's, before rig_play(). */
void rig_add_dn(struct rig *, const char *dn, enum dn_type);

/* Plays to the end. False with the reason where it could not begin, was stopped by a signal, or took too long. */
bool rig_play(struct rig *, struct error *);

const struct trace *rig_trace(const struct rig *);
const struct tally *rig_tally(const struct rig *);
/* Checks the test's expectations and the world's problems; tells each failure. Returns how many. */
unsigned rig_check(struct rig *, void (*failure)(void *self, uint32_t line, const char *text), void *self);
