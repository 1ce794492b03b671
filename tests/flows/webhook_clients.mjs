// webhook_clients.mjs FOLDER API MODULES - Independent clients (telegraf, masto, whatsapp-api-js) write to the networks of
// webhook_networks.py, ask them, and are called by them. The way out is 0 where each of them reads what it must.
import { deepStrictEqual as same, ok, rejects } from "node:assert";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { writeFileSync } from "node:fs";

const [folder, api, modules] = process.argv.slice(2);
const require = createRequire(modules + "/");
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const base = `http://127.0.0.1:${api}`, token = "the token";
const { Telegraf } = require("telegraf");
const { createRestAPIClient } = await load("masto");
const { WhatsAppAPI } = await load("whatsapp-api-js");
const { Text } = await load("whatsapp-api-js/messages");

const listen = async (name, take) => {
    const server = createServer(take).listen(0, "127.0.0.1");
    await once(server, "listening");
    writeFileSync(`${folder}/${name}.port`, String(server.address().port));
    return server;
};

// ---- the cloud's ----
const heard = [];
const cloud = new WhatsAppAPI({
    token, appSecret: "cloud secret", webhookVerifyToken: "our word", v: "v1",
    ponyfill: { fetch: (url, options) => fetch(String(url).replace("https://graph.facebook.com", base), options) },
});
cloud.on.message = ({ phoneID, from, name, message }) => { heard.push({ phoneID, from, name, message }); };
cloud.on.status = ({ phoneID, phone, status, id }) => { heard.push({ phoneID, phone, status, id }); };
const servers = [await listen("cloud", async (request, answer) => {
    let body = "";
    for await (const piece of request) body += piece;
    try {
        await cloud.post(JSON.parse(body), body, request.headers["x-hub-signature-256"]);
        answer.writeHead(200).end();
    } catch (error) {
        answer.writeHead(error.httpStatus === 401 ? 403 : error.httpStatus || 500).end();
    }
})];
const sent = await cloud.sendMessage("77", "491701", new Text("Your parcel is here."));
same(sent.messages[0].id, "out1");
same(sent.contacts[0].wa_id, "491701");
const found = await cloud.retrieveMedia("lamp");
same([found.id, found.mime_type, found.messaging_product], ["lamp", "image/png", "whatsapp"]);
same(Buffer.from(await (await cloud.fetchMedia(found.url)).arrayBuffer()).subarray(1, 4).toString(), "PNG");
const stranger = new WhatsAppAPI({ token: "guessed", secure: false, v: "v1", ponyfill: { fetch: cloud.fetch } });
same((await stranger.sendMessage("77", "491701", new Text("?"))).error.code, 190);

// ---- the bot's ----
const updates = [];
const bot = new Telegraf(token, { telegram: { apiRoot: base, webhookReply: false } });
bot.on("message", (context) => { updates.push(context.message); });
bot.on("edited_message", (context) => { updates.push(context.editedMessage); });
bot.botInfo = { id: 1, is_bot: true, first_name: "Shop", username: "shop_bot" };
servers.push(await listen("bot", (request, answer) => bot.webhookCallback("/", { secretToken: "bot secret" })(request, answer)));
const told = await bot.telegram.sendMessage(42, "Your parcel is here.");
same([told.chat.id, told.text, typeof told.message_id], [42, "Your parcel is here.", "number"]);
const link = await bot.telegram.getFileLink("lamp");
same(link.href, base + "/file/botthe%20token/photos/lamp");
same(Buffer.from(await (await fetch(link)).arrayBuffer()).subarray(1, 4).toString(), "PNG");
await rejects(new Telegraf("guessed", { telegram: { apiRoot: base } }).telegram.sendMessage(42, "?"), (error) => error.code === 401);

// ---- the microblog's ----
const blog = createRestAPIClient({ url: base, accessToken: token });
const [mention] = await blog.v1.notifications.list({ types: ["mention"], minId: "0", limit: 40 });
same([mention.id, mention.type, mention.account.acct, mention.status.visibility], ["31", "mention", "ann@example.org", "direct"]);
same([await blog.v1.notifications.list({ types: ["mention"], minId: "31" })].flat(), []);
const status = await blog.v1.statuses.create({ status: "@ann@example.org It is here.", inReplyToId: mention.status.id, visibility: "direct" });
same([status.inReplyToId, status.visibility, typeof status.id], [mention.status.id, "direct", "string"]);
await rejects(createRestAPIClient({ url: base, accessToken: "guessed" }).v1.statuses.create({ status: "?" }), (error) => error.statusCode === 401);

// ---- the networks call ----
console.log("listening");
for await (const line of createInterface({ input: process.stdin })) { ok(line === "called", line); break; }
same(heard.map((one) => one.status || one.message.type), ["text", "image", "delivered"]);
same([heard[0].phoneID, heard[0].from, heard[0].name, heard[0].message.text.body], ["77", "491701", "Zoë <b>", "hello"]);
same([heard[1].message.image.id, heard[1].message.image.caption], ["lamp", "my lamp"]);
same([heard[2].id, heard[2].phone], ["out1", "491701"]);
same(updates.map((one) => one.text || one.caption), ["hello", "my lamp", "hullo"]);
same([updates[0].chat.id, updates[0].from.first_name, updates[1].photo.at(-1).file_id, updates[2].edit_date], [42, "Ann", "lamp", 1700000009]);
for (const server of servers) server.close();
console.log("the clients read what the networks say");
process.exit(0);
