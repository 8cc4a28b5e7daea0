-- Is no attempt waiting for further events?
SELECT NOT EXISTS (FROM attempt_events)
