/**
 * Who is a master, who follows it, and a sentinel that hands over.
 *
 * Must not know of stores. Invariant: a server that gives no answer, since it closes its
 * connections when it becomes a master, is asked again.
 */
const { answerOf } = require('./servers.js');
const { waitUntil } = require('./wait-until.js');

/** What a sentinel answers while it cannot hand over. */
const NOT_YET = /INPROG|NOGOODSLAVE/;

const replication = (server) => answerOf(server, 'info', 'replication');

function isMaster(server) {
  return replication(server).includes('role:master');
}

/** Whether a server is a replica, all of which is there. */
function isFollowing(server) {
  const told = replication(server);
  return told.includes('role:slave') && told.includes('master_link_status:up');
}

/** Comes when the replica of a group follows, and its sentinel knows that. */
async function untilWatched({ replica, sentinel }) {
  await waitUntil(() => isFollowing(replica), 'the replica follows');
  const knows = () => answerOf(sentinel, 'info', 'sentinel').includes('slaves=1');
  await waitUntil(knows, 'the sentinel knows the replica');
}

/** Comes when a sentinel has begun to make the replica of a group its master. */
async function handOver(sentinel, group) {
  const begins = () => {
    const answer = answerOf(sentinel, 'sentinel', 'failover', group);
    return answer !== '' && !NOT_YET.test(answer);
  };
  await waitUntil(begins, 'the sentinel hands over');
}

module.exports = { handOver, isFollowing, isMaster, untilWatched };
