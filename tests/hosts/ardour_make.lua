-- Makes an Ardour session: tracks whose outputs also go to the side chains of Mixtrace on the master bus.
-- Environment: SESSION (a folder that does not exist), TRACKS, RATE, PLUGIN (the VST3's class in hexadecimal digits).
io.stdout:setvbuf("no")

-- Ardour's own threads look at the session after each change and crash if it changes again meanwhile.
local function settle()
  ARDOUR.LuaAPI.usleep(700 * 1000)
end

local tracks, rate = tonumber(os.getenv("TRACKS")), tonumber(os.getenv("RATE"))

local backend = AudioEngine:set_backend("None (Dummy)", "", "")
backend:set_sample_rate(rate)
backend:set_buffer_size(1024)
local session = assert(create_session(os.getenv("SESSION"), "capture", rate))

for i = 1, tracks do
  local name = "Stem" .. i
  session:new_audio_track(2, 2, nil, 1, name, ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
end
settle()

local master = session:master_out()
local processor = ARDOUR.LuaAPI.new_plugin(session, os.getenv("PLUGIN"), ARDOUR.PluginType.VST3, "")
assert(not processor:isnil(), "Ardour does not know the plugin")
assert(master:add_processor_by_index(processor, 0, nil, true) == 0, "the plugin was not inserted")
settle()
assert(master:add_sidechain(processor), "the plugin was given no side chain")
settle()
local pins = processor:to_insert():sidechain_input()
print("side-chain pins", pins:n_ports():n_audio())

local pin = 0
for track in session:get_tracks():iter() do
  for channel = 0, 1 do
    local from, to = track:output():audio(channel), pins:audio(pin)
    assert(from:connect(to:name()) == 0, "a track could not be connected")
    pin = pin + 1
  end
end
settle()

session:save_state("")
close_session()
print("made")
