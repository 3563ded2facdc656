def test_x(fleet):
    fleet.any.git("config", "uploadpack.allowFilter", "true")
    fleet.any.git("config", "uploadpack.allowAnySHA1InWant", "true")
    print("ONLINE", fleet.done("sync").online)
    fleet.any.commit("hello", file="README")
    print("ONLINE", fleet.done("sync").online)
