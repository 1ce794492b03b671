/* tests/unit/sip_world.h - A whole exchange on a network and a clock that are this test: SIP, streams, calls.
 *
 *     peers: a trunk's caller, telephones, numbers outside --- SIP, RTP ---> exchange ---> call model ---> (core)
 *     each says a tone of its own, 20 ms at a time           orders <--- the test, in the place of core and desktops
 *
 * Left out: TCP, TLS and real sockets, names, the CTI clients' wire, the core's answers (the test gives them), and time
 * that is late. Packets arrive in their order and none is lost. */
#pragma once

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/talk.h"

enum { PEERS = 8, TONES = PEERS + 4, EAR_FRAMES = 5 };
/* What an ear knows: the peers' tones by their number, and those of the exchange. */
enum { TONE_OF_PROMPT = PEERS, TONE_OF_HOLD, TONE_OF_MUSIC, TONE_OF_EXCHANGE /* ringing, busy */ };

enum peer_state { PEER_IDLE, PEER_CALLS, PEER_RINGS, PEER_EARLY, PEER_UP };

struct sip_peer {
    const char *ip, *user; /* "": a trunk's caller */
    char host[48];         /* the address as a URI has it */
    uint16_t sip, rtp;     /* its ports */
    unsigned number;
    enum peer_state state;
    bool progress; /* it answers an INVITE by 183 with sound, and not by 180 */
    bool mute;     /* no packet comes from it */
    bool deaf;     /* no message of SIP comes to it */
    bool away;     /* none can be sent to it */
    bool quiet, busy_tone,
        voice;            /* its packets have silence, the network's busy tone, or speech, and not its own tone */
    bool events;          /* it knows telephone events */
    const char *way;      /* of its next description: "sendrecv" ... */
    const char *more;     /* lines of its next description */
    const char *protocol; /* of it: RTP/AVP ... */
    char call_id[80], tag[16], remote[256], target[128];
    char invite[4096], answer[2048]; /* the INVITE that it got, the last description that it got */
    unsigned cseq, sessions;
    uint16_t to_port;    /* of the exchange, where its sound goes; 0: it knows none */
    char said[4096];     /* the last answer, but for 100 */
    uint16_t status;     /* the last final answer that it got */
    unsigned refused;    /* by which it refuses an INVITE at once (407: or BYE, without a proof); 0: it rings */
    unsigned invited;    /* so many INVITEs came */
    unsigned refreshed;  /* so many INVITEs came within its call */
    char refresh[1024];  /* the last one of them, but for its end where it is long */
    bool describes_late; /* its next ACK has the answer to our offer */
    unsigned glares;     /* so many of its next ones it refuses by 491 */
    unsigned asked;      /* so many OPTIONS */
    const char *notes;   /* a method: when its requests came, heard or not. NULL: nothing is noted */
    uint64_t noted_ms[16];
    unsigned noted;
    unsigned ended;                        /* so many BYEs, of any call, heard or not */
    const char *contact;                   /* that its messages tell; NULL: its own address; "": none */
    char headers[512];                     /* of its next request, each with its end */
    const char *device;                    /* the Call-ID of its REGISTERs; NULL: each has another one */
    const char *lines;                     /* of all its requests */
    const char *from;                      /* the URI that it calls itself; NULL: its own address */
    bool thinks;                           /* it says no proof until peer_proves_late() */
    const char *guess;                     /* of its password; NULL: it knows it */
    const char *grounds;                   /* lines of its refusals; NULL: none */
    const char *granted;                   /* lines of its 200 to a REGISTER; NULL: it is no registrar */
    unsigned hops;                         /* Max-Forwards of its requests; 0: 70 */
    char method[16], type[32], body[1024]; /* the last request that it may have to repeat with a proof */
    /* its ear */
    unsigned packets, frames[EAR_FRAMES], at, holes, streams;
    uint8_t heard[RTP_SAMPLES]; /* the last packet of sound, and its tones */
    unsigned tones;
    unsigned heard_keys; /* packets of telephone events */
    unsigned key_ends;   /* of them, those that end one */
    char keys[32];
    uint32_t ssrc, key_time;
    uint16_t sequence;
    uint8_t last[1500];
    size_t last_length;
    uint16_t sent; /* sequence of its packets */
};

struct sip_world {
    struct exchange exchange;
    struct sip_peer peers[PEERS];
    unsigned figures_faults, errors; /* counted by the exchange; errors of its log */
    char logged[512];                /* the last error, else the last line above INFO */
    char noticed[512];               /* its last line at INFO of the exchange itself */
    char folder[64];
    bool neighbour_up;
    unsigned devices; /* EventDN that the core was told */
    unsigned held;    /* conversations that end with the process, as gcxvm is told */
    unsigned refused; /* requests, and why the last one was */
    char reason[32], whom[256];
    char reasons[128]; /* of all, each with a blank */
    char told[2048];   /* the core, of calls: each event in a few words, and a semicolon */
};

struct sip_world *world_new(const char *const (*settings)[2]); /* NULL at the end; they come before the usual ones */
void world_free(struct sip_world *);
void world_run(struct sip_world *, unsigned ms);
uint64_t world_ms(void);
void world_late(unsigned ms); /* so long each message to the exchange has waited before it is read */

/* A peer of this trunk's address, or the telephone of that DN, which is registered. */
struct sip_peer *world_peer(struct sip_world *, const char *ip, const char *user);

/* --- What peers do --- */
void peer_calls(struct sip_world *, struct sip_peer *, const char *number); /* INVITE from a trunk */
void peer_registers(struct sip_world *, struct sip_peer *); /* REGISTER of a telephone, with its proof */
void peer_asks_options(struct sip_world *, struct sip_peer *);
void peer_sends(const struct sip_peer *, const char *text);
void peer_proves_late(struct sip_peer *); /* one that `thinks`, by the nonce that it was given last */
/* It knows all that is said in the other one's dialog, and speaks as that one from now on. */
void peer_poses(struct sip_peer *, const struct sip_peer *as);
void peer_answers(struct sip_world *, struct sip_peer *);
void peer_refuses(struct sip_world *, struct sip_peer *, unsigned status);
void peer_hangs_up(struct sip_world *, struct sip_peer *);                /* BYE, or CANCEL */
void peer_offers(struct sip_world *, struct sip_peer *, const char *way); /* INVITE within its call */
/* The session goes on as it is: by INVITE, by UPDATE, or by an INVITE whose ACK has the description. */
enum peer_refresh { PEER_BY_INVITE, PEER_BY_UPDATE, PEER_BY_ACK };
void peer_refreshes(struct sip_world *, struct sip_peer *, enum peer_refresh);
void peer_says(struct sip_world *, struct sip_peer *, const void *packet, size_t length);
void peer_key(struct sip_world *, struct sip_peer *, char key);  /* a telephone event */
void peer_info(struct sip_world *, struct sip_peer *, char key); /* by INFO */
void peer_informs(struct sip_world *, struct sip_peer *, const char *type, const char *body);
void peer_refers(struct sip_world *, struct sip_peer *, const char *to); /* REFER within its call */
/* The tones that were heard in most of the last EAR_FRAMES packets, and (any) in some of them: a bit each. */
unsigned peer_hears(const struct sip_peer *, bool any);

/* --- What the core and desktops ask --- */
struct talk *world_talk(struct sip_world *, const struct talk *but); /* the first one that is not that one */
void world_route(struct sip_world *, const struct talk *, const char *to);
void world_treat(struct sip_world *, const struct talk *, enum treatment, const char *prompt);
void world_ask(struct sip_world *, const struct talk *, enum treatment, const struct kv *params);
void world_stop(struct sip_world *, const struct talk *);
void world_party(struct sip_world *, const struct talk *, const char *dn, enum party_ask, const char *to);
