using Media.Models;

namespace Media.Tests.Models;

public class UserFoldsTests
{
    [Fact]
    public void Deal_KeepsUsersTogetherAndClassesEven()
    {
        var rows = PlantedRows.Draw(users: 400, instants: 3, seed: 6);
        var folds = UserFolds.Deal(rows.X, rows.Y, 5);
        foreach (var user in Enumerable.Range(0, rows.X.Rows).GroupBy(r => rows.X.Entities[r])) Assert.Single(user.Select(r => folds[r]).Distinct());
        var users = Enumerable.Range(0, rows.X.Rows).GroupBy(r => rows.X.Entities[r]).Select(g => (Fold: folds[g.First()], Positive: g.Any(r => rows.Y[r] == 1))).ToList();
        foreach (var positive in (bool[])[true, false])
        {
            var sizes = Enumerable.Range(0, 5).Select(f => users.Count(u => u.Fold == f && u.Positive == positive)).ToList();
            Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
        }
    }

    [Fact]
    public void OrderOfRows_DoesNotMatter()
    {
        var rows = PlantedRows.Draw(users: 100, instants: 2, seed: 6);
        int[] order = [.. Enumerable.Range(0, rows.X.Rows).Reverse()];
        Assert.Equal(UserFolds.Deal(rows.X, rows.Y, 4).Reverse(), UserFolds.Deal(rows.X.Take(order), [.. order.Select(r => rows.Y[r])], 4));
    }

    [Fact]
    public void FewerUsersThanFolds_IsRefused()
    {
        var rows = PlantedRows.Draw(users: 6, instants: 1, seed: 6);
        Assert.Contains("at least 5", Assert.Throws<TooFewRowsException>(() => UserFolds.Deal(rows.X, [1, 1, 0, 0, 0, 0], 5)).Message, StringComparison.Ordinal);
    }
}
