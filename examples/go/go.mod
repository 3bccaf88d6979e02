module example/till

go 1.18
