package cacheredis

import (
	"fmt"

	"github.com/starlinghq/starling/internal/cache"
)

// scripts are the steps that must not be parted. Ids are big endian and never
// negative, so comparing their bytes compares them.
type scripts struct {
	miss, put, fill, del    script
	append, putHome, record script
}

func newScripts() scripts {
	return scripts{
		// KEYS object, token; ARGV new token, ms. The object, or a token.
		miss: newScript(`
local v = redis.call('GET', KEYS[1])
if v then return {1, v} end
local t = redis.call('GET', KEYS[2])
if not t then
  t = ARGV[1]
  redis.call('SET', KEYS[2], t, 'PX', ARGV[2])
end
return {0, t}`),
		// KEYS object, token; ARGV value, ms. Keeps what is not older.
		put: newScript(`
redis.call('DEL', KEYS[2])
local v = redis.call('GETRANGE', KEYS[1], 0, 15)
if #v == 16 and v >= string.sub(ARGV[1], 1, 16) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`),
		// KEYS object, token; ARGV value, ms, token.
		fill: newScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`),
		// KEYS object, token.
		del: newScript(`return redis.call('DEL', KEYS[1], KEYS[2])`),
		// KEYS home timelines of one slot; ARGV entry. One that was not there is
		// known by its length and removed: asking first would cost every delivery
		// a third more.
		append: newScript(trim + `
local call, e = redis.call, ARGV[1]
for _, k in ipairs(KEYS) do
  local n = call('APPEND', k, e)
  if n >= full then trim(k) elseif n == #e then call('DEL', k) end
end
return #KEYS`),
		// KEYS home timeline; ARGV token, new header, entries, ms.
		putHome: newScript(trim + `
local v = redis.call('GET', KEYS[1])
if not v or string.sub(v, 9, 16) ~= ARGV[1] then return 0 end
local n = ARGV[2] .. ARGV[3] .. string.sub(v, 17)
redis.call('SET', KEYS[1], n, 'PX', ARGV[4])
if #n >= full then trim(KEYS[1]) end
return 1`),
		// KEYS overlay; ARGV field, write, event, ms, most writes. The field "last"
		// holds the newest event, "seq" how many writes were recorded; a write is
		// followed by its number, so that the first recorded go first.
		record: newScript(`
local k = KEYS[1]
local last = redis.call('HGET', k, 'last')
if not last or last < ARGV[3] then redis.call('HSET', k, 'last', ARGV[3]) end
local old = redis.call('HGET', k, ARGV[1])
if not old or string.sub(old, 1, 8) < ARGV[3] then
  local seq = string.format('%016d', redis.call('HINCRBY', k, 'seq', 1))
  redis.call('HSET', k, ARGV[1], ARGV[2] .. seq)
end
redis.call('PEXPIRE', k, ARGV[4])
if redis.call('HLEN', k) > tonumber(ARGV[5]) + 2 then
  local all = redis.call('HGETALL', k)
  local first, field
  for i = 1, #all, 2 do
    if all[i] ~= 'last' and all[i] ~= 'seq' then
      local seq = string.sub(all[i + 1], -16)
      if not first or seq < first then first, field = seq, all[i] end
    end
  end
  redis.call('HDEL', k, field)
end
return 1`),
	}
}

// trim drops the older half of a home timeline by arrival and raises its floor
// to the largest id dropped; one that was only begun goes whole, for its put
// would not know what is missing.
var trim = fmt.Sprintf(`
local full = %d
local function trim(k)
  local v = redis.call('GET', k)
  if string.sub(v, 9, 16) ~= '\0\0\0\0\0\0\0\0' then
    redis.call('DEL', k)
    return
  end
  local floor = string.sub(v, 1, 8)
  local keep = #v - %d
  for at = 17, keep, 16 do
    local id = string.sub(v, at, at + 7)
    if id > floor then floor = id end
  end
  redis.call('SET', k, floor .. string.sub(v, 9, 16) .. string.sub(v, keep + 1), 'KEEPTTL')
end
`, homeHeader+entrySize*cache.MaxEntries, entrySize*cache.MinEntries)
