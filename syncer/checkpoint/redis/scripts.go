package redis

import goredis "github.com/redis/go-redis/v9"

// version is the format of what is stored. A value begins with it, so that a
// newer one is told from a damaged one.
const version = "1"

// What scripts answer first.
const (
	replyPin    = "pin"    // the prefix is another instance's
	replyBad    = "bad"    // a stored value cannot be read
	replyHeld   = "held"   // by another owner
	replyFenced = "fenced" // a higher epoch has written
)

// Numbers are compared as text of 19 digits: those of Lua are rounded above
// 2^53, and change to an exponent when made text.
//
//nolint:dupword // Lua ends nested blocks with one "end" after the other
const (
	luaPin = `
local pin = redis.call('GET', KEYS[1])
if not pin then
  redis.call('SET', KEYS[1], ARGV[1])
elseif pin ~= ARGV[1] then
  return {'pin', pin}
end
`
	luaClaim = luaPin + `return {'ok'}`

	// A write that changes nothing: it fails where a real one would.
	luaProbe = luaPin + `
redis.call('SET', KEYS[1], ARGV[1])
return {'ok'}`

	luaSave = luaPin + `
local old = redis.call('GET', KEYS[2])
if old then
  local e, s = string.match(old, '^1 %x%x%x%x%x%x%x%x (%d+) (%d+) ')
  if not e or #e ~= 19 or #s ~= 19 then
    return {'bad', KEYS[2], string.sub(old, 1, 8)}
  end
  if e > ARGV[2] then return {'fenced'} end
  if e == ARGV[2] and s > ARGV[3] then return {'ok'} end
end
redis.call('SET', KEYS[2], ARGV[4])
return {'ok'}`

	luaAcquire = luaPin + `
local function pad(s) return string.rep('0', 19 - #s) .. s end
local top = redis.call('GET', KEYS[3]) or '0'
if #top > 19 or not string.match(top, '^%d+$') then
  return {'bad', KEYS[3], string.sub(top, 1, 8)}
end
top = pad(top)
local held = redis.call('GET', KEYS[2])
if held then
  local e, owner = string.match(held, '^1 (%d+) (.*)$')
  if not e or #e ~= 19 then return {'bad', KEYS[2], string.sub(held, 1, 8)} end
  if owner ~= ARGV[2] then return {'held'} end
  if e > top then top = e end
  if e > ARGV[4] then
    redis.call('SET', KEYS[3], string.match(top, '^0*(%d+)$'))
    redis.call('PEXPIRE', KEYS[2], ARGV[3])
    return {'ok', e}
  end
end
if top < ARGV[5] then top = ARGV[5] end
redis.call('SET', KEYS[3], string.match(top, '^0*(%d+)$'))
redis.call('INCR', KEYS[3])
local epoch = pad(redis.call('GET', KEYS[3]))
redis.call('SET', KEYS[2], '1 ' .. epoch .. ' ' .. ARGV[2], 'PX', ARGV[3])
return {'ok', epoch}`

	luaRelease = luaPin + `
local held = redis.call('GET', KEYS[2])
if held == ARGV[2] then redis.call('DEL', KEYS[2]) end
return {'ok'}`

	// The last n times, newest first: exact over any stretch of a period.
	// Times are the server's, so that no caller's clock counts.
	luaTake = luaPin + `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local n, period = tonumber(ARGV[2]), tonumber(ARGV[3])
local newest = tonumber(redis.call('LINDEX', KEYS[2], 0) or '0')
if newest > now + 1000000 then
  redis.call('DEL', KEYS[2]) -- the server's clock was set back
elseif newest > now then
  now = newest
end
local oldest = redis.call('LINDEX', KEYS[2], n - 1)
if oldest then
  local wait = tonumber(oldest) + period - now
  if wait > 0 then return {'ok', string.format('%.0f', wait)} end
end
redis.call('LPUSH', KEYS[2], string.format('%.0f', now))
redis.call('LTRIM', KEYS[2], 0, n - 1)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return {'ok', '0'}`

	// A quota's calls are counted in fixed periods.
	luaQuota = luaPin + `
local count = redis.call('GET', KEYS[2])
if not count then
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[4])
  return {'ok', '0'}
end
if tonumber(count) < tonumber(ARGV[2]) then
  redis.call('INCR', KEYS[2])
  return {'ok', '0'}
end
local left = redis.call('PTTL', KEYS[2])
if left < 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  left = tonumber(ARGV[4])
end
return {'ok', string.format('%.0f', math.max(left, 1) * 1000)}`
)

type scripts struct {
	claim, probe, save, acquire, release, take, quota *goredis.Script
}

func compile() scripts {
	return scripts{
		claim: goredis.NewScript(luaClaim), probe: goredis.NewScript(luaProbe), save: goredis.NewScript(luaSave),
		acquire: goredis.NewScript(luaAcquire), release: goredis.NewScript(luaRelease),
		take: goredis.NewScript(luaTake), quota: goredis.NewScript(luaQuota),
	}
}
