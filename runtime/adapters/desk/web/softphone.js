// softphone.js - The telephone inside the page, loaded only where the site has one: JsSIP, which the site supplies, speaks SIP
// to the edge. It registers as the agent's telephone, and has one call; hold, transfer and the like are the exchange's.
import { t } from "./t.js";
import JsSIP from "./jssip.js";

const KEPT = "gcx-desk-telephone";
const ear = new Audio();
let agent = null, session = null;

// The number and password of before a reload: kept for this window alone, and until its agent logs out.
export const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)) || {}; } catch { return {}; } };
export const end = () => {
    const old = agent;
    agent = session = null;
    sessionStorage.removeItem(KEPT);
    old?.stop(); // hangs up, and registers no longer
};
export const registered = () => Boolean(agent?.isRegistered());
export const rings = () => Boolean(session?.isInProgress());
export const talks = () => Boolean(session?.isEstablished());
export const muted = () => Boolean(session?.isMuted().audio);
export const mute = (on) => { if (on) session?.mute({ audio: true }); else session?.unmute({ audio: true }); };
export const key = (digit) => session?.sendDTMF(digit, { transportType: "RFC2833" });

// False: nothing rings here.
export const answer = () => {
    if (!rings() || session.direction !== "incoming") return false;
    session.answer({ mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } });
    return true;
};
const hears = ({ peerconnection }) => peerconnection.addEventListener("track", ({ track, streams }) => {
    ear.srcObject = streams[0] || new MediaStream([track]);
    ear.play().catch(() => {}); // the agent has touched the page: it is let
});
const calls = (told, wrong) => ({ session: called, originator }) => {
    if (originator !== "remote" || session) return called.terminate({ status_code: 486 });
    session = called;
    const over = () => { if (session === called) session = null; told(); };
    called.on("peerconnection", hears);
    called.on("getusermediafailed", () => wrong(t("The microphone cannot be used: allow it to this page.")));
    for (const event of ["ended", "failed"]) called.on(event, over);
    for (const event of ["progress", "confirmed"]) called.on(event, told);
    told();
};
// Registers at the edge, and again whenever that was lost. told(): something has changed; wrong(text): tell the agent.
export const register = (address, dn, password, told, wrong) => new Promise((done, refuse) => {
    end();
    const own = agent = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(address)], uri: `sip:${dn}@${new URL(address).hostname}`, password,
        session_timers: false, connection_recovery_min_interval: 1, connection_recovery_max_interval: 5 });
    const fails = (text) => { if (own === agent && !kept().dn) { end(); refuse(new Error(text)); } told(); };
    own.on("registered", () => {
        sessionStorage.setItem(KEPT, JSON.stringify({ dn, password }));
        done();
        told();
    });
    own.on("registrationFailed", ({ cause }) => fails(t("The telephone was not registered: {more}.", { more: cause === "Rejected" ? t("its number or its password is wrong") : cause })));
    own.on("disconnected", () => fails(t("The telephone's server cannot be reached.")));
    own.on("newRTCSession", calls(told, wrong));
    own.start();
});
