-- Takes out what was found of a day; that a clock went ahead can be seen only while it does, so it stays.
DELETE FROM quality_findings WHERE day = make_timestamptz($day_us) AND kind <> 'clock_ahead'
